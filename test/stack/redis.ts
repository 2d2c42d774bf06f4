import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { type OnStart, start as startProcess } from './processes.ts';
import { waitFor } from './wait-for.ts';

/** Starts a redis-server on loopback, with its data in `folder`. */
export async function startRedis({
  folder,
  port,
  onStart,
}: {
  folder: string;
  port: number;
  onStart?: OnStart;
}): Promise<ChildProcess> {
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const log = join(folder, 'redis.log');
  const child = startProcess({
    name: 'redis',
    address: `redis://127.0.0.1:${port}`,
    onStart,
    program: 'redis-server',
    arguments: options,
    env: {},
    log,
  });
  await waitFor('Redis to listen', () => listens(port), { everyMs: 10 });
  return child;
}

/** A redis-server of its own, on loopback, in a folder that goes with it. */
export async function createRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'tickwork-redis-'));
  const port = await freePort();
  let server: ChildProcess | null = null;
  const kill = () => server?.kill('SIGKILL');
  process.once('exit', kill);

  async function start(): Promise<void> {
    server = await startRedis({ folder, port });
  }

  async function stop(): Promise<void> {
    if (!server || server.exitCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGCONT'); // a paused one hears nothing else
    server.kill('SIGTERM');
    await exited;
  }

  /** It keeps its connections and answers nothing, until `resume`. */
  const pause = () => server?.kill('SIGSTOP');
  const resume = () => server?.kill('SIGCONT');

  /** Everything is gone, as after FLUSHALL. */
  async function flush(): Promise<void> {
    const client = new Redis(port, '127.0.0.1');
    await client.flushall();
    client.disconnect();
  }

  async function close(): Promise<void> {
    await stop();
    process.off('exit', kill);
    await rm(folder, { recursive: true, force: true });
  }

  await start();
  return { url: `redis://127.0.0.1:${port}`, start, stop, pause, resume, flush, close };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
