import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { makeHere, runLine } from './run-line.ts';

const options = { env: {}, cwd: tmpdir(), functions: '' };

test('a line that hangs is ended with all that it started, and named', async () => {
  const line = 'sleep 3600 | cat';
  await expect(runLine(line, { ...options, timeoutMs: 300 })).rejects.toThrow(
    `${line}\nit did not end within 300 ms`,
  );
});

test.each([
  ['echo a; exit 3', 'ended with 3'],
  ['echo a; echo lost >&2', 'lost'],
  ['true', 'prints nothing'],
  ['echo /metrics', 'shows no metric'],
])('%s leaves an operator without an answer', async (line, problem) => {
  await expect(runLine(line, options)).rejects.toThrow(problem);
});

test('make installs nothing under the tests, and complains of no make around it', async () => {
  const env = { MAKEFLAGS: 'j --jobserver-auth=3,4', MAKELEVEL: '1' };
  const planned = await runLine('make -n reconciler-token', { ...options, env, functions: makeHere });
  expect(planned).toContain('supabase/reconciler-token.ts');
  expect(planned).not.toContain('npm');
});
