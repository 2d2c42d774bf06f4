import { runSchedule } from './schedule.ts';
import type { Violation } from './witness/invariants.ts';

export interface Shrunk {
  readonly violation: Violation;
  /** The numbers of the faults that it needs. */
  readonly only: readonly number[];
  readonly trace: readonly string[];
}

/** Leaves out one fault after the other, as long as the same invariant is still broken. Null: the seed breaks none. */
export async function shrink(seed: number): Promise<Shrunk | null> {
  const whole = await runSchedule({ seed });
  const [first] = whole.violations;
  if (!first) return null;
  let only = whole.plan.faults.map((_fault, index) => index);
  for (const index of [...only]) {
    const fewer = only.filter((one) => one !== index);
    const { violations } = await runSchedule({ seed, only: fewer });
    if (violations[0]?.invariant === first.invariant) only = fewer;
  }
  const trace: string[] = [];
  const { violations } = await runSchedule({ seed, only, onTrace: (line) => trace.push(line) });
  return { violation: violations[0] ?? first, only, trace };
}
