import { count, loadConfig, optional, text } from '@tickwork/runtime/process/config';
import { runCommand } from '@tickwork/runtime/process/run-command';
import { Type } from 'typebox';
import { runFleet } from './fleet.ts';
import { runSchedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { describeTally, tooRare } from './tally.ts';
import { invariants } from './witness/invariants.ts';

// make simulate: many schedules, or one of them again.
const settings = Type.Object({
  SEEDS: count(20_000, { minimum: 1, maximum: 100_000_000 }),
  FROM: count(1, { minimum: 0, maximum: 1_000_000_000 }),
  /** Which faults of the one schedule strike; for a seed that was shrunk. */
  FAULTS: optional(text({ pattern: '^\\d+(,\\d+)*$' })),
});

/** From so many schedules on, nothing may be come upon less often than this. */
const wholeRun = 20_000;
const leastHits = 50;
const traceLines = 40;

const tell = (line: string) => process.stdout.write(`${line}\n`);

function* range(from: number, seeds: number): Generator<number> {
  for (let seed = from; seed < from + seeds; seed++) yield seed;
}

async function runAgain(seed: number, only: readonly number[]): Promise<void> {
  const trace: string[] = [];
  const { violations } = await runSchedule({ seed, only, onTrace: (line) => trace.push(line) });
  for (const line of trace.slice(-traceLines)) tell(line);
  const [violation] = violations;
  if (violation) throw new Error(`broken: ${invariants[violation.invariant]} (${violation.text})`);
  tell('nothing is broken');
}

async function explain(seed: number): Promise<never> {
  const shrunk = await shrink(seed);
  if (!shrunk) throw new Error(`seed ${seed} broke an invariant once, and does not again`);
  for (const line of shrunk.trace.slice(-traceLines)) tell(line);
  const { invariant, text } = shrunk.violation;
  tell(`\nVIOLATION ${invariant} in seed ${seed}: ${invariants[invariant]} (${text})`);
  const faults = shrunk.only.length > 0 ? ` FAULTS=${shrunk.only.join(',')}` : '';
  throw new Error(`again: make simulate FROM=${seed} SEEDS=1${faults}`);
}

await runCommand(async () => {
  const { SEEDS, FROM, FAULTS } = loadConfig(settings, process.env);
  if (FAULTS) return runAgain(FROM, FAULTS.split(',').map(Number));
  const begun = performance.now();
  const { tally, findings } = await runFleet({ seeds: range(FROM, SEEDS) });
  const [first] = findings.toSorted((a, b) => a.seed - b.seed);
  if (first) await explain(first.seed);
  if (SEEDS >= 1000) tell(`${describeTally(tally)}\n`);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const mean = Math.round(tally.steps / tally.schedules);
  tell(`${tally.schedules} schedules of ${mean} steps on average, 0 violations, ${seconds} s`);
  const rare = SEEDS >= wholeRun ? tooRare(tally, leastHits) : [];
  if (rare.length > 0) throw new Error(`come upon less than ${leastHits} times:\n  ${rare.join('\n  ')}`);
});
