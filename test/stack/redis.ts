import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { ensure } from './processes.ts';
import { runsInDocker, serverCommand } from './server-command.ts';
import { kill, pause, resume, type Started, stackFolder, stop as stopProcess } from './state.ts';

/** Starts a redis-server on loopback, with its data in `folder`. */
export async function startRedis({ folder, port }: { folder: string; port: number }): Promise<Started> {
  const program = 'redis-server';
  // Two versions of a server don't share data.
  const data = join(folder, runsInDocker(program) ? 'redis-docker' : 'redis');
  mkdirSync(data, { recursive: true });
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: data,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return ensure({
    name: 'redis',
    folder,
    address: `redis://127.0.0.1:${port}`,
    ports: [port],
    ...serverCommand({
      name: 'redis',
      folder: data,
      program,
      image: 'redis:8',
      arguments: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      env: {},
    }),
    answers: () => answers(port),
  });
}

/** A redis-server of a test's own, on loopback, in a folder that goes with it. */
export async function createRedis() {
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-redis-'));
  const port = await freePort();
  let server: Started | null = null;
  const killServer = () => void (server && kill(server));
  process.once('exit', killServer);

  async function start(): Promise<void> {
    server = await startRedis({ folder, port });
  }

  async function stop(): Promise<void> {
    if (server) await stopProcess(server);
    server = null;
  }

  /** Everything is gone, as after FLUSHALL. */
  async function flush(): Promise<void> {
    const client = new Redis(port, '127.0.0.1');
    await client.flushall();
    client.disconnect();
  }

  async function close(): Promise<void> {
    await stop();
    process.off('exit', killServer);
    rmSync(folder, { recursive: true, force: true });
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    pause: async () => void (server && (await pause(server))),
    resume: () => void (server && resume(server)),
    flush,
    close,
  };
}

async function answers(port: number): Promise<boolean> {
  const options = {
    lazyConnect: true,
    commandTimeout: 2000,
    connectTimeout: 2000,
    retryStrategy: () => null,
  };
  const client = new Redis(port, '127.0.0.1', options);
  client.on('error', () => {}); // the command fails too
  try {
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
