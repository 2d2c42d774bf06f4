import { parentPort } from 'node:worker_threads';
import { mutants } from '../mutants/mutants.ts';
import { runSchedule } from './schedule.ts';
import { add, newTally, type Tally } from './tally.ts';
import type { Violation } from './witness/invariants.ts';

export interface Chunk {
  readonly seeds: readonly number[];
  readonly mutant?: string;
}
export interface Finding extends Violation {
  readonly seed: number;
}
export interface ChunkResult {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
}

async function run({ seeds, mutant: name }: Chunk): Promise<ChunkResult> {
  const mutant = mutants.find((one) => one.name === name);
  const tally = newTally();
  const findings: Finding[] = [];
  for (const seed of seeds) {
    const outcome = await runSchedule({ seed, ...(mutant ? { mutation: mutant.simulated.mutation } : {}) });
    add(tally, outcome);
    const [violation] = outcome.violations;
    if (violation) findings.push({ ...violation, seed });
  }
  return { tally, findings };
}

parentPort?.on('message', (chunk: Chunk) => {
  void run(chunk).then((result) => parentPort?.postMessage(result));
});
