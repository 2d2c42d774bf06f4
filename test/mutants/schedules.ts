import { runCommand } from '@tickwork/runtime/process/run-command';
import { checkSimulated } from './check-simulated.ts';
import { mutants } from './mutants.ts';

// Within a patched copy: the schedules over it, by the name of its mutant.
const [name, most] = process.argv.slice(2);

await runCommand(async () => {
  const mutant = mutants.find((one) => one.name === name);
  if (!mutant) throw new Error(`there is no mutant ${name}`);
  process.stdout.write(await checkSimulated(mutant, 'product', Number(most)));
});
