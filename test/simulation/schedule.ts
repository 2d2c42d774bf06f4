import { isFinal } from '@tickwork/task/status';
import { type Cluster, createCluster } from './cluster.ts';
import { type FaultName, faults, type Stage } from './faults.ts';
import { type Mutation, noMutation } from './mutation.ts';
import type { Flight } from './network.ts';
import { makePlan, type Plan, type PlannedFault, type PlannedTask } from './plan.ts';
import { createRandom, uuidFrom } from './random.ts';
import type { Step } from './steps.ts';
import { isAhead, isEnded } from './witness/command.ts';
import type { Violation } from './witness/invariants.ts';

export interface ScheduleOptions {
  readonly seed: number;
  readonly mutation?: Mutation;
  /** Which of its faults strike, by number; else all. */
  readonly only?: readonly number[];
  /** Told of every step and fault. */
  readonly onTrace?: (line: string) => void;
}

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** Every fault that struck, and at which step. */
  readonly struck: readonly { readonly fault: FaultName; readonly step: Step }[];
  /** How often each edge of the lifecycle was taken: "status event". */
  readonly edges: ReadonlyMap<string, number>;
  /** Rows that ever were. */
  readonly tasks: number;
  readonly plan: Plan;
}

const leastSteps = 150;
const leastTasks = 3;
/** When a client takes its submit for lost; its gateway may have died. */
const clientPatienceMs = 5000;
/** By then everything has come to rest, or never does: longer than the longest wait for a dispatch, several times. */
const restWithinMs = 900_000;

/** Runs one schedule to its rest, or to its first violation. */
export async function runSchedule(options: ScheduleOptions): Promise<Outcome> {
  const { seed, mutation = noMutation, only, onTrace = () => {} } = options;
  const plan = makePlan(seed, createRandom(2 * seed + 1));
  const random = createRandom(2 * seed + 2);
  const waiting = new Map(plan.faults.map((fault, index) => [index, { fault, left: fault.nth }]));
  if (only) for (const index of [...waiting.keys()]) if (!only.includes(index)) waiting.delete(index);
  const struck: { fault: FaultName; step: Step }[] = [];
  let count = 0;

  function onStep(flight: Flight, side: 'before' | 'after'): void {
    if (side === 'after') {
      count++;
      onTrace(`${flight.process.name}: ${flight.step}`);
    }
    for (const [index, waits] of waiting) {
      if (!isNext(waits, flight.step, side)) continue;
      waiting.delete(index);
      struck.push({ fault: waits.fault.fault, step: flight.step });
      onTrace(`    FAULT ${index}: ${waits.fault.fault}, ${side} ${flight.step} of ${flight.process.name}`);
      faults[waits.fault.fault](stage, flight);
    }
  }

  function isNext(waits: { fault: PlannedFault; left: number }, step: Step, side: string): boolean {
    if (count > waits.fault.patience) return true;
    return waits.fault.step === step && waits.fault.side === side && --waits.left === 0;
  }

  const cluster = createCluster({ random, mutation, dailyLimit: plan.dailyLimit, onStep });
  const stage = createStage(cluster, plan);
  for (const [index, task] of plan.tasks.entries()) submit(stage, task, index);
  const { witness, timeline } = cluster;
  const isOver = () => witness.violations.length > 0;

  while (!isOver() && (waiting.size > 0 || count < leastSteps || witness.taskCount() < leastTasks))
    await cluster.step();
  const deadline = timeline.now() + restWithinMs;
  const calmSince = () => Math.max(stage.disturbedUntil, deadline - restWithinMs);
  while (!isOver() && timeline.now() < deadline && !isAtRest(cluster)) {
    await cluster.step();
    if (cluster.isWhole()) witness.checkAgents(calmSince());
  }
  if (!isOver()) {
    witness.checkPromises();
    if (!isAtRest(cluster)) witness.violate('ends', whatIsLeft(cluster));
  }
  for (const { process } of cluster.running.values()) process.kill();
  const { violations, edges } = witness;
  return { seed, violations, steps: count, struck, edges, tasks: witness.taskCount(), plan };
}

function createStage(cluster: Cluster, plan: Plan): Stage {
  const { random, after, servers, witness } = cluster;
  let mandates = plan.tasks.length;
  const stage: Stage = {
    ...cluster,
    kept: { redis: null, supabase: null, usage: new Map() },
    users: [uuidFrom(random), uuidFrom(random)],
    newMandate: () => `quick ${++mandates}`,
    disturbedUntil: 0,
  };
  after(plan.keptAtMs.redis, () => {
    stage.kept.redis = servers.redis.snapshot();
  });
  after(plan.keptAtMs.supabase, () => {
    stage.kept.supabase = servers.supabase.snapshot();
    stage.kept.usage = witness.usage.snapshot();
  });
  return stage;
}

/** A client: submits, again after a failure, as a new task; then it reads now and then. */
function submit(stage: Stage, task: PlannedTask, index: number) {
  const { after, witness, random, timeline } = stage;
  const userId = stage.users[task.user];

  function read(id: string): void {
    const gateway = stage.gateway();
    const askedAt = timeline.now();
    gateway?.process.deliver(() => {
      const signal = new AbortController().signal;
      gateway.readTask(gateway.tasksOf(userId), userId, id, signal).then(
        (answer) => witness.answered(userId, answer, askedAt),
        () => {},
      );
    });
  }

  /** Once; what becomes of it is told by the rows. */
  function end(id: string, how: 'cancel' | 'remove'): void {
    const gateway = stage.gateway();
    gateway?.process.deliver(() => {
      const tasks = gateway.tasksOf(userId);
      const ended = how === 'cancel' ? gateway.cancelTask(tasks, userId, id) : gateway.deleteTask(tasks, id);
      ended.catch(() => {});
    });
  }

  function attempt(number: number): void {
    let isOpen = true;
    const again = () => {
      if (isOpen && number < 30) after(random.between(500, 3000), () => attempt(number + 1));
      isOpen = false;
    };
    after(clientPatienceMs, again);
    const gateway = stage.gateway();
    const mandate = `${task.kind} ${index + 100 * number}`;
    gateway?.process.deliver(() => {
      gateway.submitTask(gateway.tasksOf(userId), { userId, mandate, maxTicks: 50 }).then(({ task: row }) => {
        isOpen = false;
        witness.answeredYes(row);
        for (const ms of task.readsAtMs) after(ms, () => read(row.correlationId));
        const { ending } = task;
        if (ending) after(ending.atMs, () => end(row.correlationId, ending.how));
      }, again);
    });
  }

  after(task.atMs, () => attempt(0));
}

/** Every row is final, every record is clean and will expire, no message is left, no agent runs, and everybody is there. */
function isAtRest(cluster: Cluster): boolean {
  const { servers, witness } = cluster;
  return (
    witness.rows.all().every(({ status }) => isFinal(status)) &&
    servers.queue.ready().length === 0 &&
    !witness.isAnyAgentRunning() &&
    cluster.isWhole() &&
    cluster.workers().every(({ consumer }) => consumer.unanswered.size === 0) &&
    [...servers.redis.records()].every(([key, fields]) => {
      const hash = Object.fromEntries(fields);
      return isEnded(hash) && !isAhead(hash) && servers.redis.timeToLive(key) >= 0;
    })
  );
}

function whatIsLeft({ servers, witness }: Cluster): string {
  const rows = witness.rows.all().filter(({ status }) => !isFinal(status));
  const records = [...servers.redis.records()].map(([, fields]) =>
    JSON.stringify(Object.fromEntries(fields)),
  );
  return JSON.stringify({ rows, records, messages: servers.queue.ready().length });
}
