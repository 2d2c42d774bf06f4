import { isRunning, readStarted, stackFolder } from './state.ts';

const [folder] = process.argv.slice(2);
const started = readStarted(folder || stackFolder);
if (started.length === 0) process.stdout.write('nothing was started; run make up\n');
for (const one of started) {
  const state = isRunning(one) ? 'up' : 'down';
  process.stdout.write(
    `${one.name.padEnd(12)}${state.padEnd(6)}${String(one.pid).padEnd(8)}${one.address}\n`,
  );
}
