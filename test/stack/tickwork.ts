import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type OnStart, start } from './processes.ts';
import { waitFor } from './wait-for.ts';

const root = resolve(import.meta.dirname, '../..');
const entrypoints = {
  api: 'services/gateway/src/api.ts',
  reconciler: 'services/gateway/src/reconciler.ts',
  worker: 'services/worker/src/worker.ts',
} as const;
export type Service = keyof typeof entrypoints;

export interface ServiceOptions {
  readonly service: Service;
  readonly folder: string;
  readonly adminPort: number;
  readonly env: Readonly<Record<string, string>>;
  readonly onStart?: OnStart;
}

/** Starts one process of the product, and waits until it is ready. If it ends instead, throws with the last of its log. */
export async function startService({
  service,
  folder,
  adminPort,
  env,
  onStart,
}: ServiceOptions): Promise<ChildProcess> {
  const log = join(folder, `${service}.log`);
  const child = start({
    name: service,
    address: `http://127.0.0.1:${env['PORT'] ?? adminPort}`,
    onStart,
    program: process.execPath,
    arguments: [join(root, entrypoints[service])],
    env: { DRAIN_DELAY_MS: '0', ADMIN_HOST: '127.0.0.1', ADMIN_PORT: String(adminPort), ...env },
    log,
  });
  await waitFor(`the ${service} to be ready`, async () => {
    if (child.exitCode !== null) return 'ended';
    return (await fetch(`http://127.0.0.1:${adminPort}/ready`)).ok;
  });
  if (child.exitCode !== null) {
    throw new Error(
      `the ${service} ended:\n${readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n')}`,
    );
  }
  return child;
}
