import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stackFolder, stopAll } from './state.ts';

/** A folder that goes with its test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickwork-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** For a test that starts servers: they end with it, and the next run ends those of a run that was killed. */
export function serversFolder(): string {
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-servers-'));
  onTestFinished(async () => {
    await stopAll(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
