import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '@tickwork/runtime/process/run-command';
import { takeLock } from './lock.ts';
import { stackFolder, stopAll } from './state.ts';

await runCommand(async () => {
  mkdirSync(stackFolder, { recursive: true });
  takeLock(join(stackFolder, 'lock'));
  const stopped = await stopAll(stackFolder);
  process.stdout.write(stopped.length === 0 ? 'nothing was running\n' : `stopped: ${stopped.join(', ')}\n`);
});
