import { type Kind, kinds } from './agent.ts';
import { type FaultName, faultNames } from './faults.ts';
import type { Random } from './random.ts';
import { type Step, steps } from './steps.ts';

/** A fault, and the step at which it strikes: just before it is carried out at its server, or just after, with its answer under way. */
export interface PlannedFault {
  readonly fault: FaultName;
  readonly step: Step;
  readonly side: 'before' | 'after';
  /** The how manieth such step. */
  readonly nth: number;
  /** After so many steps of the schedule it strikes at the next one, whatever that is. */
  readonly patience: number;
}

export interface PlannedTask {
  readonly user: 0 | 1;
  readonly kind: Kind;
  readonly atMs: number;
  /** After its submit. */
  readonly readsAtMs: readonly number[];
}

export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly faults: readonly PlannedFault[];
  readonly dailyLimit: number;
  /** When a replica, and a backup, last got everything. */
  readonly keptAtMs: { readonly redis: number; readonly supabase: number };
}

interface Cause {
  readonly kind?: Kind;
  readonly fault?: Pick<PlannedFault, 'fault' | 'step' | 'side'> & { readonly latest?: number };
  /** Every task is of this kind, and begins at once. */
  readonly together?: boolean;
}

/** What brings a step about that a calm schedule hardly has. */
const causes: Partial<Record<Step, readonly Cause[]>> = {
  end: [{ kind: 'quick' }, { kind: 'fail' }],
  fail: [{ kind: 'unstorable' }],
  hand_back: [{ kind: 'long', fault: { fault: 'drain_worker', step: 'report', side: 'after' } }],
  read_tasks: [{ kind: 'silent' }, { fault: { fault: 'lose_messages', step: 'publish', side: 'after' } }],
  rebase: [{ kind: 'long', fault: { fault: 'owner_touches', step: 'sync_tasks', side: 'before' } }],
  release: [
    { kind: 'long', fault: { fault: 'crash_worker', step: 'report', side: 'before' } },
    { fault: { fault: 'lose_messages', step: 'publish', side: 'after' } },
  ],
  reopen: [
    {
      kind: 'quick',
      together: true,
      fault: { fault: 'restore_supabase', step: 'confirm', side: 'after', latest: 15 },
    },
  ],
  resume: [{ kind: 'long', fault: { fault: 'flush_redis', step: 'report', side: 'after' } }],
  settle: [
    { kind: 'long', fault: { fault: 'owner_cancels', step: 'report', side: 'before' } },
    { kind: 'silent', fault: { fault: 'owner_deletes', step: 'heartbeat', side: 'after' } },
  ],
  sync_task: [{ kind: 'long', fault: { fault: 'pause_reconciler', step: 'claim', side: 'after' } }],
};

/** How often a step is aimed at: the rarer it is, and the less other faults strike at it, the more often. */
const weights: Partial<Record<Step, number>> = {
  ...Object.fromEntries(Object.keys(causes).map((step) => [step, 5])),
  insert: 3,
  active_tasks: 3,
  deliver: 2,
  seed: 3,
  schedule_dispatch: 4,
  hand_back: 6,
  rebase: 8,
  reopen: 14,
};
const targets = steps.flatMap((step) => Array<Step>(weights[step] ?? 1).fill(step));
const busy: readonly Step[] = ['claim', 'report', 'publish', 'sync_tasks', 'confirm', 'heartbeat'];

/** A schedule's tasks and faults, by its seed alone. Some faults are aimed at one step, each pair in its turn; others go with them. */
export function makePlan(seed: number, random: Random): Plan {
  const step = targets[Math.floor(seed / faultNames.length) % targets.length];
  if (!step) throw new Error('there is no step');
  const cause = random.pick(causes[step] ?? [{}]);
  const others = 1 + random.int(3);
  return {
    tasks: makeTasks(random, cause, step === 'sync_task' ? 12 : 3),
    faults: [
      ...(cause.fault
        ? [{ ...cause.fault, nth: 1 + random.int(cause.fault.latest ?? 3), patience: 100 }]
        : []),
      aimed(step, faultNames[seed % faultNames.length], random),
      aimed(step, random.pick(faultNames), random),
      aimed(step, random.pick(faultNames), random),
      ...Array.from({ length: others }, () => anywhere(random)),
    ],
    dailyLimit: random.pick([4, 5, 10]),
    keptAtMs: {
      redis: random.between(500, 9000),
      supabase: random.between(100, cause.together ? 900 : 9000),
    },
  };
}

const side = (random: Random) => (random.chance(0.5) ? 'before' : 'after');

function aimed(step: Step, fault: FaultName | undefined, random: Random): PlannedFault {
  if (!fault) throw new Error('there is no fault');
  return { fault, step, side: side(random), nth: causes[step] ? 1 : 1 + random.int(2), patience: 250 };
}

function anywhere(random: Random): PlannedFault {
  const step = random.chance(0.5) ? random.pick(busy) : random.pick(steps);
  return { fault: random.pick(faultNames), step, side: side(random), nth: 1 + random.int(4), patience: 100 };
}

function makeTasks(random: Random, { kind, together = false }: Cause, reads: number): PlannedTask[] {
  const task = (given?: Kind): PlannedTask => ({
    user: random.chance(0.7) ? 0 : 1,
    kind: given ?? (together && kind ? kind : random.pick(kinds)),
    atMs: together || random.chance(0.5) ? random.between(0, 30) : random.between(0, 6000),
    readsAtMs: Array.from({ length: reads }, () => random.between(5, 15_000)),
  });
  return [task(kind), task(), task(), ...(random.chance(0.5) ? [task()] : [])];
}
