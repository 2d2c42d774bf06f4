import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { type Command, ensure } from './processes.ts';
import { isRunning, readStarted, stackFolder, stop, stopAll } from './state.ts';
import { serversFolder, temporaryFolder } from './temporary-folder.ts';

function newFolder() {
  const base = temporaryFolder();
  const folder = join(base, 'run');
  onTestFinished(async () => void (await stopAll(folder)));
  return { base, folder };
}
const sleeper = (folder: string, changes: Partial<Command> = {}): Command => ({
  name: 'sleeper',
  folder,
  program: 'sleep',
  arguments: ['1000'],
  env: {},
  address: 'nowhere',
  ports: [],
  answers: async () => true,
  ...changes,
});

test('what runs and answers is kept; what is dead, does not answer or has another command is started', async () => {
  const { folder } = newFolder();
  const first = await ensure(sleeper(folder));
  expect(await ensure(sleeper(folder))).toEqual(first);
  const other = await ensure(sleeper(folder, { arguments: ['2000'] }));
  expect(isRunning(first)).toBe(false);
  await stop(other, 'SIGKILL');
  const second = await ensure(sleeper(folder));
  let tries = 0;
  const third = await ensure(sleeper(folder, { answers: async () => tries++ > 0 }));
  expect(new Set([first.pid, other.pid, second.pid, third.pid]).size).toBe(4);
  expect(readStarted(folder).filter(isRunning)).toEqual([third]);
});

test.each([{ version: '2' }, { env: { NAME: 'other' } }, { cwd: '/' }])(
  'one that runs with another of %o is started again',
  async (change) => {
    const { folder } = newFolder();
    const first = await ensure(sleeper(folder, { version: '1', cwd: folder }));
    const second = await ensure(sleeper(folder, { version: '1', cwd: folder, ...change }));
    expect(isRunning(first)).toBe(false);
    expect(isRunning(second)).toBe(true);
  },
);

test('a program that ends is told with the last of its log', async () => {
  const { folder } = newFolder();
  const broken = sleeper(folder, { arguments: ['never'], answers: () => Promise.reject(new Error('no')) });
  await expect(ensure(broken)).rejects.toThrow(/sleeper ended:[\s\S]*never/);
});

test('what a dead run left is stopped and removed; a run that lives keeps its own', async () => {
  const { base, folder } = newFolder();
  const started = await ensure(sleeper(folder));
  await removeLeftovers(base);
  expect(isRunning(started)).toBe(true);
  const record = join(folder, 'sleeper.process');
  const dead = readFileSync(record, 'utf8').replace(/"pid":\d+/, '"pid":999999999');
  writeFileSync(record, dead);
  await removeLeftovers(base);
  expect(isRunning(started)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('the servers of a test lie where the next run looks for what a dead one left', () => {
  expect(dirname(serversFolder())).toBe(stackFolder);
});

test('a pid that came back as another’s is not ours', async () => {
  const { folder } = newFolder();
  const started = await ensure(sleeper(folder));
  expect(await stop({ ...started, startedAt: 'Thu Jan 1 00:00:00 1970' })).toBe(false);
  expect(isRunning(started)).toBe(true);
});

test('a lock is refused with the pid of its holder; one of a dead process is taken', () => {
  const file = join(temporaryFolder(), 'lock');
  writeFileSync(file, '{"pid":999999999,"startedAt":"Thu Jan 1 00:00:00 1970"}');
  takeLock(file);
  expect(() => takeLock(file)).toThrow(`as process ${process.pid}`);
});
