import { type Clock, within } from '@tickwork/runtime/process/clock';
import { currentTraceparent, describeActiveSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { NewTask, TaskQueue, TaskRecords, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { Task } from '@tickwork/task/task';
import type { GatewayEmitter } from '../events.ts';
import { TaskError } from './errors.ts';
import { correlationIdOf, type TaskName, takenBy } from './task-name.ts';

export interface SubmitDependencies {
  readonly records: Pick<TaskRecords, 'seed' | 'scheduleDispatch'>;
  readonly queue: Pick<TaskQueue, 'publish'>;
  readonly events: GatewayEmitter;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Names a task; a UUID that can't be guessed. */
  readonly newCorrelationId: () => string;
  readonly settings: {
    readonly dispatchBudgetMs: number;
    readonly seedLimitMs: number;
    readonly seedWaitMs: number;
    readonly dispatchWaitMs: number;
  };
}

export interface Submission {
  readonly userId: string;
  readonly mandate: string;
  readonly maxTicks: number;
  /** Sent again under the same name it is the same task. */
  readonly name?: TaskName | undefined;
}

export interface Submitted {
  readonly task: Task;
  /** False where the task was there already. */
  readonly isNew: boolean;
}

/**
 * Inserts the row; from then on the task is durable and the answer is yes. Dispatch has a small budget: what it does not do, or
 * fails at, the reconciler does. Throws `conflict` or `idempotency_key_reused` where another task has the name.
 */
export function createSubmitTask(dependencies: SubmitDependencies) {
  const { records, queue, events, clock, newCorrelationId, settings } = dependencies;

  async function dispatch(task: Task, signal: AbortSignal): Promise<void> {
    const seeded = await records.seed({
      ...task,
      updatedAt: stampFromTimestamp(task.updatedAt),
      traceparent: currentTraceparent(),
      held: false,
      waitMs: settings.seedWaitMs,
    });
    if (!seeded) throw new Error('there is a record already');
    await queue.publish({ ...task, traceparent: currentTraceparent() }, signal);
    // Without it the task is only published again sooner.
    records.scheduleDispatch(task, settings.dispatchWaitMs).catch(() => {});
  }

  async function tryDispatch(task: Task, sent: number): Promise<void> {
    const { correlationId } = task;
    const attempt = (limit: AbortSignal) =>
      dispatch(task, limit).then(
        () => true,
        () => false, // nobody's failure: the reconciler sees to it
      );
    // A seed this late could be for a task that has ended meanwhile.
    const started = clock.now();
    const late = started - sent > settings.seedLimitMs;
    const published = !late && (await within(clock, settings.dispatchBudgetMs, attempt, false));
    const outcome = published ? 'published' : 'left_to_reconciler';
    events.emit('dispatched', { correlationId, outcome, seconds: (clock.now() - started) / 1000 });
  }

  return async (tasks: UserTasks, { name, ...submission }: Submission): Promise<Submitted> => {
    const sent = clock.now();
    const correlationId = name ? correlationIdOf(name, submission.userId) : newCorrelationId();
    const found = await insertOrFind(tasks, { ...submission, correlationId }, name);
    describeActiveSpan({ 'tickwork.task.correlation_id': correlationId });
    if (!found.isNew) return found;
    events.emit('submitted', { correlationId });
    await tryDispatch(found.task, sent);
    return found;
  };
}

/** The name's being taken is what tells a repeat: so it needs no memory, and two at once make one task. */
async function insertOrFind(tasks: UserTasks, wanted: NewTask, name?: TaskName): Promise<Submitted> {
  try {
    return { task: await tasks.insert(wanted), isNew: true };
  } catch (error) {
    if (!name || !(error instanceof TaskError) || error.code !== 'conflict') throw error;
    // Carried through like the insert. Row-level security shows no other user's task here.
    const task = await tasks.find(wanted.correlationId, AbortSignal.any([]));
    if (task && isSame(task, wanted)) return { task, isNew: false };
    throw new TaskError(task ? takenBy[name.kind] : 'conflict');
  }
}

function isSame(task: Task, { correlationId, mandate, maxTicks }: NewTask): boolean {
  return task.correlationId === correlationId && task.mandate === mandate && task.maxTicks === maxTicks;
}
