import { type FaultName, faultNames } from './faults.ts';
import { type Kind, kinds } from './agent.ts';
import type { Random } from './random.ts';
import { type Step, steps } from './steps.ts';

/** A fault, and the step at which it strikes: just before it is carried out at its server, or just after, with its answer under way. */
export interface PlannedFault {
  readonly fault: FaultName;
  readonly step: Step;
  readonly side: 'before' | 'after';
  /** The how manieth such step. */
  readonly nth: number;
}

export interface PlannedTask {
  readonly user: 0 | 1;
  readonly kind: Kind;
  readonly atMs: number;
  readonly readsAtMs: readonly number[];
}

export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly faults: readonly PlannedFault[];
  readonly dailyLimit: number;
  /** When a replica, and a backup, last got everything. */
  readonly keptAtMs: { readonly redis: number; readonly supabase: number };
}

/** What brings a step about that a calm schedule does not have. */
const causes: Partial<Record<Step, { readonly fault?: readonly FaultName[]; readonly kind?: Kind }>> = {
  resume: { fault: ['flush_redis'], kind: 'long' },
  hand_back: { fault: ['drain_worker'], kind: 'long' },
  settle: { fault: ['owner_cancels', 'owner_deletes'], kind: 'long' },
  rebase: { fault: ['owner_touches', 'set_redis_clock'], kind: 'long' },
  fail: { kind: 'unstorable' },
  release: { fault: ['crash_worker', 'lose_messages'] },
  reopen: { fault: ['restore_supabase'], kind: 'quick' },
  heartbeat: { kind: 'silent' },
  sync_task: { fault: ['crash_reconciler'], kind: 'long' },
};

/** Where a cause strikes, so that the step follows. */
const causeSteps: readonly Step[] = ['claim', 'report', 'publish', 'sync_tasks', 'confirm', 'heartbeat'];

/** A schedule's tasks and faults, of its seed alone: one fault is aimed at a step, by turns; its causes and some others go with it. */
export function makePlan(seed: number, random: Random): Plan {
  const fault = faultNames[seed % faultNames.length];
  const step = steps[Math.floor(seed / faultNames.length) % steps.length];
  if (!fault || !step) throw new Error('there is no such fault or step');
  const cause = causes[step];
  const aimed: PlannedFault = { fault, step, side: side(random), nth: 1 + random.int(2) };
  const enabling = cause?.fault ? [plannedAt(random, random.pick(cause.fault))] : [];
  const others = Array.from({ length: 2 + random.int(3) }, () => plannedAt(random, random.pick(faultNames)));
  return {
    tasks: makeTasks(random, cause?.kind),
    faults: [aimed, ...enabling, ...others],
    dailyLimit: random.pick([3, 4, 10]),
    keptAtMs: { redis: random.between(500, 9000), supabase: random.between(500, 9000) },
  };
}

const side = (random: Random) => (random.chance(0.5) ? 'before' : 'after');

function plannedAt(random: Random, fault: FaultName): PlannedFault {
  const step = random.chance(0.6) ? random.pick(causeSteps) : random.pick(steps);
  return { fault, step, side: side(random), nth: 1 + random.int(4) };
}

function makeTasks(random: Random, kind?: Kind): PlannedTask[] {
  const task = (given?: Kind): PlannedTask => {
    const atMs = random.chance(0.5) ? random.between(0, 30) : random.between(0, 6000);
    return {
      user: random.chance(0.7) ? 0 : 1,
      kind: given ?? random.pick(kinds),
      atMs,
      readsAtMs: Array.from({ length: 3 }, () => atMs + random.between(5, 15_000)),
    };
  };
  return [task(kind), task(), task(), ...(random.chance(0.5) ? [task()] : [])];
}
