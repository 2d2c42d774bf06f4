import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensure } from './processes.ts';
import type { Started } from './state.ts';

const root = resolve(import.meta.dirname, '../..');
const entrypoints = {
  api: 'services/gateway/src/api.ts',
  reconciler: 'services/gateway/src/reconciler.ts',
  worker: 'services/worker/src/worker.ts',
} as const;

/** What the gateway's image sets, so that memory here is what it is there; the Dockerfile says why. */
export const gatewayImageEnv = {
  NODE_OPTIONS: '--max-semi-space-size=2',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '32768',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** What an earlier start has compiled need not be compiled again. */
export const compileCache = join(root, '.stack/compile-cache');

export type Service = keyof typeof entrypoints;

export interface ServiceOptions {
  readonly service: Service;
  /** Where there are several of one service in a folder. */
  readonly name?: string;
  readonly folder: string;
  readonly adminPort: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Of its code. One that runs with another is started again. */
  readonly version?: string;
}

/** Starts one process of the product, and waits until it is ready. If it ends instead, throws with the last of its log. */
export async function startService({
  service,
  name = service,
  folder,
  adminPort,
  env,
  cwd,
  version,
}: ServiceOptions): Promise<Started> {
  const port = Number(env['PORT'] ?? adminPort);
  const ready = `http://127.0.0.1:${adminPort}/ready`;
  return ensure({
    name,
    folder,
    address: `http://127.0.0.1:${port}`,
    ports: [port, adminPort],
    program: process.execPath,
    arguments: [join(root, entrypoints[service])],
    env: {
      ...(service === 'worker' ? {} : gatewayImageEnv),
      NODE_COMPILE_CACHE: compileCache,
      DRAIN_DELAY_MS: '0',
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: String(adminPort),
      ...env,
    },
    ...(cwd ? { cwd } : {}),
    ...(version ? { version } : {}),
    answers: async () => (await fetch(ready, { signal: AbortSignal.timeout(2000) })).ok,
  });
}

/** A hash of the product's source and of the packages that it runs on. */
export const codeVersion = (): string =>
  hashOf(['package-lock.json', 'services/*/{src/**/*.{ts,lua},package.json}']);

/** Of files of the repository, by patterns. */
export function hashOf(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of globSync(patterns, { cwd: root }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}
