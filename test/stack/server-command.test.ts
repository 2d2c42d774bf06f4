import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from './ports.ts';
import { startRedis } from './redis.ts';
import { findServer, serverCommand } from './server-command.ts';
import { isRunning, pause, resume, stop, stopAll } from './state.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

afterEach(() => void vi.unstubAllEnvs());

const docker = (...words: string[]) =>
  spawnSync('docker', words, { encoding: 'utf8', timeout: 30_000 }).stdout?.trim() ?? '';

function pathWith(program: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, program), '');
  chmodSync(join(folder, program), 0o755);
  return folder;
}

const server = {
  name: 'redis',
  folder: '/data',
  program: 'redis-server',
  image: 'redis:8',
  arguments: ['--port', '1'],
  env: { HOME: '/data' },
};

test('SERVERS_PATH alone says where servers are, in its order', () => {
  const [first, second] = [pathWith('redis-server'), pathWith('redis-server')];
  vi.stubEnv('PATH', second);
  vi.stubEnv('SERVERS_PATH', `/none:${first}:${second}`);
  expect(findServer('redis-server')).toBe(join(first, 'redis-server'));
  vi.stubEnv('SERVERS_PATH', '');
  expect(findServer('redis-server')).toBeUndefined();
  vi.stubEnv('SERVERS_PATH', undefined);
  expect(findServer('redis-server')).toBe(join(second, 'redis-server'));
});

test('a server of the machine comes before Docker; without either its name is left to fail', () => {
  const found = pathWith('redis-server');
  vi.stubEnv('PATH', pathWith('docker'));
  vi.stubEnv('SERVERS_PATH', found);
  const { arguments: words, env } = server;
  expect(serverCommand(server)).toEqual({ program: join(found, 'redis-server'), arguments: words, env });
  vi.stubEnv('PATH', '/none');
  vi.stubEnv('SERVERS_PATH', '');
  expect(serverCommand(server)).toEqual({ program: 'redis-server', arguments: words, env });
});

// Needs an engine that has the image: a test pulls nothing.
test.skipIf(docker('image', 'ls', '--quiet', 'redis:8') === '')(
  'in Docker: it keeps its data, can be paused, and leaves no container, not even when its client was killed',
  async () => {
    vi.stubEnv('SERVERS_PATH', '');
    const folder = temporaryFolder();
    onTestFinished(async () => void (await stopAll(folder)));
    const options = { folder, port: await freePort() };
    const first = await startRedis(options);
    const containers = () => docker('ps', '--all', '--quiet', '--filter', `name=${first.container}`);
    const client = new Redis(options.port, '127.0.0.1', { commandTimeout: 1000 });
    client.on('error', () => {}); // while it is away
    onTestFinished(() => client.disconnect());
    await client.set('key', 'value');
    await pause(first);
    await expect(client.get('key')).rejects.toThrow('timed out');
    resume(first);

    process.kill(first.pid, 'SIGKILL');
    await waitFor('the client to end', () => !isRunning(first));
    const left = containers();
    expect(left).not.toBe('');
    const second = await startRedis(options);
    expect(containers()).not.toBe(left);
    await waitFor('its data', async () => (await client.get('key')) === 'value');
    process.kill(second.pid, 'SIGKILL');
    expect(await stopAll(folder)).toEqual(['redis']);
    expect(containers()).toBe('');

    await stop(await startRedis(options));
    expect(containers()).toBe('');
  },
  60_000,
);
