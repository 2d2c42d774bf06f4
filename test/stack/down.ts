import { stopAll } from './state.ts';

const stopped = await stopAll();
process.stdout.write(stopped.length === 0 ? 'nothing was running\n' : `stopped: ${stopped.join(', ')}\n`);
