import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { stop as stopProcess } from './processes.ts';
import { startRabbit } from './rabbitmq.ts';

/** A broker of a test's own, in a folder that goes with it; it can be stopped, and started again with its data. */
export async function createRabbit() {
  const folder = await mkdtemp(join(tmpdir(), 'tickwork-rabbitmq-'));
  const port = await freePort();
  let broker = await startRabbit({ folder, port });

  async function start(): Promise<void> {
    broker = await startRabbit({ folder, port });
  }

  async function stop(): Promise<void> {
    await stopProcess(broker.child);
    await stopProcess(broker.epmd);
  }

  async function close(): Promise<void> {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }

  return { url: broker.url, workerUrl: broker.workerUrl, start, stop, close };
}
