import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../stack/temporary-folder.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { runSchemathesis } from './schemathesis.ts';
import { makeTasks } from './tasks.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
beforeAll(async () => {
  tickwork = await startTickwork({
    extraEnv: {
      api: { WRITES_PER_MINUTE: '100000' },
      // So that what is submitted has mostly ended when it is read.
      worker: { CONCURRENCY: '100', DEMO_TICK_MS: '0' },
    },
  });
});
afterAll(() => tickwork.close());

const { FUZZ_EXAMPLES: examples = '500', FUZZ_SECONDS: seconds = '60', SEED: seed = '1' } = process.env;

test.each([
  ['each operation by itself', ['--phases', 'examples,coverage,fuzzing']],
  // Answers vary with the time, which ends a round early; so many of them are made.
  ['one operation after the other', ['--phases', 'stateful', '--max-time', seconds]],
])('schemathesis finds nothing, %s', async (_name, options) => {
  const [alice, bob] = await Promise.all([signIn(tickwork), signIn(tickwork)]);
  await Promise.all([makeTasks(alice), makeTasks(bob)]);
  const folder = temporaryFolder();
  const asUser = (name: string, { token }: { token: string }) => ({
    name,
    fixedHeaders: [{ name: 'Authorization', value: `Bearer ${token}` }],
  });
  const users = { auth: [asUser('alice', alice), asUser('bob', bob)] };
  writeFileSync(join(folder, 'auth.json'), JSON.stringify(users));
  const code = await runSchemathesis(tickwork.url, {
    folder,
    options: [...options, '--max-examples', examples, '--seed', seed],
  });
  expect(code, `again: make fuzz SEED=${seed} FUZZ_EXAMPLES=${examples} FUZZ_SECONDS=${seconds}`).toBe(0);
});
