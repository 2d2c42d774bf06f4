import { loadConfig, optional, text } from '@tickwork/runtime/process/config';
import { runCommand } from '@tickwork/runtime/process/run-command';
import { Type } from 'typebox';
import { checkReal } from './check-real.ts';
import { checkSimulated } from './check-simulated.ts';
import { mutants } from './mutants.ts';

// make mutants: every protection off in its turn, and what caught it. One that survives fails the run.
const settings = Type.Object({
  /** Only these, by comma. */
  MUTANTS: optional(text({ pattern: '^[a-z_,]+$' })),
});
const mostSchedules = 20_000;
const tell = (line: string) => process.stdout.write(`${line}\n`);

async function tried(where: string, check: () => Promise<string>): Promise<boolean> {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  try {
    tell(`  ${where}: caught by ${await check()} (${seconds()})`);
    return true;
  } catch (error) {
    tell(`  ${where}: SURVIVES. ${error instanceof Error ? error.message : error} (${seconds()})`);
    return false;
  }
}

await runCommand(async () => {
  const { MUTANTS } = loadConfig(settings, process.env);
  const wanted = MUTANTS?.split(',');
  let survivors = 0;
  for (const mutant of mutants.filter(({ name }) => !wanted || wanted.includes(name))) {
    tell(`${mutant.name}: ${mutant.off}`);
    const inPorts = await tried('ports', () => checkSimulated(mutant, 'ports', mostSchedules));
    const inProduct = await tried('product', () => checkReal(mutant, mostSchedules));
    survivors += Number(!inPorts) + Number(!inProduct);
  }
  if (survivors > 0) throw new Error(`${survivors} survived`);
  tell('none survived');
});
