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
  /** How its owner ends it through the gateway, and when after its submit. */
  readonly ending: { readonly how: Ending; readonly atMs: number } | null;
}

export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly faults: readonly PlannedFault[];
  readonly dailyLimit: number;
  /** When a replica, and a backup, last got everything. */
  readonly keptAtMs: { readonly redis: number; readonly supabase: number };
}

type Ending = 'cancel' | 'remove';

interface Cause {
  readonly kind?: Kind;
  readonly faults?: readonly CauseFault[];
  /** Its owner ends the first task through the gateway. */
  readonly ending?: Ending;
  /** Every task is of this kind, and begins at once. */
  readonly together?: boolean;
}

interface CauseFault extends Pick<PlannedFault, 'fault' | 'step' | 'side'> {
  /** The how manieth such step it strikes at the latest. */
  readonly latest: number;
}

const strike = (fault: FaultName, side: 'before' | 'after', step: Step, latest = 3): CauseFault => ({
  fault,
  side,
  step,
  latest,
});

/** What brings a step about that a calm schedule hardly has, or puts it where it is hardest. */
const causes: Partial<Record<Step, readonly Cause[]>> = {
  cancel: [{ kind: 'long', ending: 'cancel' }],
  remove: [{ kind: 'long', ending: 'remove' }],
  confirm: [
    { kind: 'quick', faults: [strike('flush_redis', 'after', 'sync_tasks', 8)] },
    {
      kind: 'quick',
      faults: [strike('delay_answer', 'before', 'sync_tasks', 4), strike('flush_redis', 'after', 'end')],
    },
  ],
  end: [{ kind: 'quick' }, { kind: 'fail' }],
  fail: [{ kind: 'unstorable' }],
  heartbeat: [{ kind: 'silent' }],
  hand_back: [{ kind: 'long', faults: [strike('drain_worker', 'after', 'report')] }, { kind: 'flaky' }],
  read_tasks: [{ kind: 'silent' }, { faults: [strike('lose_messages', 'after', 'publish')] }],
  rebase: [
    { kind: 'long', faults: [strike('owner_touches', 'before', 'sync_tasks')] },
    {
      kind: 'long',
      faults: [
        strike('owner_touches', 'before', 'sync_tasks'),
        strike('delay_answer', 'after', 'sync_tasks'),
      ],
    },
  ],
  release: [
    { kind: 'long', faults: [strike('crash_worker', 'before', 'report')] },
    { faults: [strike('lose_messages', 'after', 'publish')] },
  ],
  reopen: [{ kind: 'quick', together: true, faults: [strike('restore_supabase', 'after', 'confirm', 15)] }],
  resume: [
    { kind: 'long', faults: [strike('flush_redis', 'after', 'report')] },
    { kind: 'steps', faults: [strike('flush_redis', 'after', 'report')] },
    {
      kind: 'long',
      faults: [strike('pause_worker', 'before', 'report'), strike('flush_redis', 'after', 'claim', 8)],
    },
    {
      kind: 'long',
      faults: [
        strike('pause_worker', 'before', 'report'),
        strike('flush_redis', 'after', 'claim', 8),
        strike('set_redis_clock', 'before', 'resume', 1),
      ],
    },
  ],
  settle: [
    { kind: 'long', faults: [strike('owner_cancels', 'before', 'report')] },
    { kind: 'silent', faults: [strike('owner_deletes', 'after', 'heartbeat')] },
  ],
  sync_task: [{ kind: 'long', faults: [strike('pause_reconciler', 'after', 'claim')] }],
};

/** How often a step is aimed at: the rarer it is, and the less other faults strike at it, the more often. */
const weights: Partial<Record<Step, number>> = {
  ...Object.fromEntries(Object.keys(causes).map((step) => [step, 5])),
  cancel: 6,
  remove: 6,
  sync_task: 6,
  confirm: 2,
  find: 3,
  insert: 4,
  active_tasks: 3,
  deliver: 3,
  heartbeat: 3,
  seed: 4,
  schedule_dispatch: 5,
  hand_back: 6,
  resume: 8,
  rebase: 8,
  reopen: 18,
};
const targets = steps.flatMap((step) => Array<Step>(weights[step] ?? 1).fill(step));
const busy: readonly Step[] = ['claim', 'report', 'publish', 'sync_tasks', 'confirm', 'heartbeat'];

/** The step that a schedule aims at, by turns. */
export function targetOf(seed: number): Step {
  const step = targets[Math.floor(seed / faultNames.length) % targets.length];
  if (!step) throw new Error('there is no step');
  return step;
}

/** A schedule's tasks and faults, by its seed alone. Some faults are aimed at one step, each pair in its turn; others go with them. */
export function makePlan(seed: number, random: Random): Plan {
  const step = targetOf(seed);
  const cause = random.pick(causes[step] ?? [{}]);
  const others = 1 + random.int(3);
  return {
    tasks: makeTasks(random, cause, step === 'sync_task' ? 12 : 3),
    faults: [
      ...(cause.faults ?? []).map((one) => ({ ...one, nth: 1 + random.int(one.latest), patience: 100 })),
      aimed(step, faultNames[seed % faultNames.length], random),
      ...Array.from({ length: 3 }, () => aimed(step, random.pick(faultNames), random)),
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

function makeTasks(random: Random, cause: Cause, reads: number): PlannedTask[] {
  const { kind, together = false } = cause;
  const task = (given?: Kind, how?: Ending): PlannedTask => ({
    user: random.chance(0.7) ? 0 : 1,
    kind: given ?? (together && kind ? kind : random.pick(kinds)),
    atMs: together || random.chance(0.5) ? random.between(0, 30) : random.between(0, 6000),
    readsAtMs: Array.from({ length: reads }, () => random.between(5, 15_000)),
    ending: makeEnding(random, how),
  });
  return [task(kind, cause.ending), task(), task(), ...(random.chance(0.5) ? [task()] : [])];
}

/** Now and then, unless it must be. */
function makeEnding(random: Random, how: Ending | undefined): PlannedTask['ending'] {
  const [chance, atMs] = [random.chance(0.15), random.between(5, 8000)];
  if (how) return { how, atMs };
  return chance ? { how: random.pick(['cancel', 'remove'] as const), atMs } : null;
}
