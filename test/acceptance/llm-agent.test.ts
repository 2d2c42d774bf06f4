import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchPage, type LlmServer, say, silent, startLlmServer, status } from '../agents/llm-server.ts';
import { type Pages, startPages } from '../agents/pages.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let model: LlmServer;
let pages: Pages;
let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeEach(async () => {
  pages = await startPages({
    '/1': { type: 'text/html', body: '<p>One <b>goose</b></p>' },
    '/2': { body: 'Two geese' },
  });
  model = await startLlmServer();
  const worker = {
    AGENT: 'llm',
    LLM_BASE_URL: model.baseUrl,
    LLM_MODEL: 'test',
    LLM_API_KEY: 'sk-secret',
    FETCH_ALLOWED_CIDRS: '127.0.0.0/8',
    FETCH_PORTS: String(pages.port),
  };
  tickwork = await startTickwork({ extraEnv: { worker, other_worker: worker } });
  user = await signIn(tickwork);
});
afterEach(() => Promise.all([tickwork.close(), model.close(), pages.close()]));

const untilNotes = (id: string, notes: string) =>
  waitFor(`the notes of ${id}`, async () => (await user.read(id)).result?.notes === notes);

test('[I1] a task of the llm agent shows its ticks, outlives its worker, and repeats no step that was done', async () => {
  model.script(
    fetchPage(`${pages.url}/1`, 'I look.'),
    status(503),
    fetchPage(`${pages.url}/2`),
    silent,
    say('Geese.'),
  );
  const { correlation_id: id } = await user.submit('Count the birds');
  await untilNotes(id, `Read ${pages.url}/2`);
  expect(await user.read(id)).toMatchObject({ status: 'in_progress', tick: 2 });
  await waitFor('the third step', () => model.requests.length === 4);

  await tickwork.kill('worker');
  await tickwork.start('other_worker');
  const ended = await user.untilStatus(id, 'completed', 'error');
  expect(ended).toMatchObject({
    status: 'completed',
    tick: 3,
    result: {
      success: true,
      deliverables: ['Geese.'],
      notes: 'The model took 3 steps.',
      usage: { input_tokens: 300, output_tokens: 30, total_tokens: 330, steps: 3 },
    },
  });
  expect(pages.seen).toEqual(['/1', '/2']);
  expect(model.requests.at(-1)).toEqual(model.requests.at(-2));
  const logged = tickwork.log('worker') + tickwork.log('other_worker');
  expect(logged).toContain('a call of the model failed');
  expect(logged).not.toMatch(/sk-secret|Count the birds|Geese|goose|secret detail/);
});

test('an endpoint that refuses the key ends the task with a sentence that its user can read', async () => {
  model.script(status(401));
  const { correlation_id: id } = await user.submit('Count the birds');
  expect(await user.untilStatus(id, 'completed', 'error')).toMatchObject({
    status: 'error',
    error: 'the model’s endpoint refused the key of this deployment (status 401)',
  });
});
