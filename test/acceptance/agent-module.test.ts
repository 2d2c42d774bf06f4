import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;

const agent = {
  AGENT: resolve(import.meta.dirname, '../../examples/agents/summary.ts'),
  SUMMARY_WORDS: '2',
};

beforeAll(async () => {
  tickwork = await startTickwork({ extraEnv: { worker: agent, other_worker: agent } });
  user = await signIn(tickwork);
});
afterAll(() => tickwork?.close());

const mandate = [
  'First of all read.',
  'Then you sort.',
  'Now you answer.',
  'File the rest.',
  'Go to bed.',
].join(' ');
const deliverables = ['First of', 'Then you', 'Now you', 'File the', 'Go to'];

test('the example of the README carries a task out', async () => {
  const { correlation_id } = await user.submit(mandate);
  expect(await user.untilStatus(correlation_id, 'completed', 'error')).toMatchObject({
    status: 'completed',
    tick: 5,
    result: { success: true, deliverables },
  });
});

test('it goes on from its checkpoint at another worker when its own is killed', async () => {
  // Long enough for the worker to be killed before it is done.
  const sentences = Array.from({ length: 30 }, (_, index) => `Say ${index} now.`);
  const { correlation_id } = await user.submit(sentences.join(' '));
  // The first checkpoint was taken before the second tick.
  await waitFor('two ticks', async () => ((await user.read(correlation_id)).tick ?? 0) >= 2);
  await tickwork.kill('worker');
  await tickwork.start('other_worker');
  expect(await user.untilStatus(correlation_id, 'completed', 'error')).toMatchObject({
    status: 'completed',
    tick: sentences.length,
    result: { deliverables: sentences.map((sentence) => sentence.split(' ').slice(0, 2).join(' ')) },
  });
  expect(tickwork.log('other_worker')).toContain('"resumed":true');
});
