import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removePostgres } from './postgres-files.ts';
import { isRunning, readStarted, stopAll } from './state.ts';

/** Stops what dead runs of tests left in the subfolders of `base`, and removes those. A run that lives keeps all of its own. */
export async function removeLeftovers(base: string): Promise<void> {
  const entries = existsSync(base) ? readdirSync(base, { withFileTypes: true }) : [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const folder = join(base, name);
    const started = readStarted(folder);
    if (started.length === 0 || started.some(({ starter }) => isRunning(starter))) continue;
    await stopAll(folder);
    removePostgres(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
