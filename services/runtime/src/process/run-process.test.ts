import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** Runs a main of this source in a process of its own. */
function start(main: string, env: Record<string, string> = {}) {
  const source = (file: string) => JSON.stringify(join(import.meta.dirname, file));
  const program = `
    import { runProcess } from ${source('run-process.ts')};
    import { ConfigError } from ${source('config.ts')};
    runProcess('test', async ({ shutdown, logger }) => { ${main} });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env['PATH'] ?? '', DRAIN_DELAY_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]).then(
    ([[code], output, errors]) => ({ code: code as number | null, lines: output.trim().split('\n'), errors }),
  );
  return { child, ended };
}

const parse = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>;
const up = "setInterval(() => {}, 1000); process.stdout.write('up\\n');";

test('a wrong environment is one line, without a stack, and exit code 1', async () => {
  const { code, lines, errors } = await start("throw new ConfigError('PORT must be a port');").ended;
  expect({ code, count: lines.length, errors }).toEqual({ code: 1, count: 1, errors: '' });
  expect(parse(lines[0])).toMatchObject({ level: 'fatal', reason: 'PORT must be a port' });
  expect(lines[0]).not.toContain('stack');
  expect((await start('', { DRAIN_DELAY_MS: 'long' }).ended).lines[0]).toContain('DRAIN_DELAY_MS must be');
});

test.each([
  ['a start that fails', "throw new Error('no');"],
  ['a rejection that nobody handles', "setInterval(() => {}, 1000); Promise.reject(new Error('no'));"],
  ['an exception that nobody catches', "setTimeout(() => { throw new Error('no'); });"],
])('%s is logged with its stack, exit code 1', async (_name, main) => {
  const { code, lines } = await start(main).ended;
  expect(code).toBe(1);
  expect(parse(lines[0])).toMatchObject({ level: 'fatal', reason: 'no', err: { stack: expect.any(String) } });
});

test('SIGTERM runs the phases and exits with 0', async () => {
  const { child, ended } = start(
    `shutdown.phase('only', 1000, async () => process.stdout.write('phase\\n')); ${up}`,
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const { code, lines } = await ended;
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe('phase');
});

test('a second signal ends it at once', async () => {
  const { child, ended } = start(`shutdown.phase('hangs', 60000, () => new Promise(() => {})); ${up}`);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stdout, 'data'); // "shutting down"
  child.kill('SIGTERM');
  expect((await ended).code).toBe(1);
});

test.each([
  ['', ['info', 'warn']],
  ['debug', ['debug', 'info', 'warn']],
  ['warn', ['warn']],
])('LOG_LEVEL %s decides which lines there are', async (level, wanted) => {
  const main = "for (const level of ['debug', 'info', 'warn']) logger[level]('said');";
  const { lines } = await start(main, { LOG_LEVEL: level }).ended;
  expect(lines.map((line) => parse(line)['level'])).toEqual(wanted);
});
