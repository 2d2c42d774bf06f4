import { type Clock, within } from '@tickwork/runtime/process/clock';
import { currentTraceparent } from '@tickwork/runtime/telemetry/trace-context';
import type { TaskQueue, TaskRecords, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { Task } from '@tickwork/task/task';
import type { GatewayEmitter } from '../events.ts';

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
}

/**
 * Inserts the row; from then on the task is durable and the answer is yes. Dispatch has a small budget: what it does not do, or
 * fails at, the reconciler does.
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

  return async (tasks: UserTasks, submission: Submission): Promise<Task> => {
    const sent = clock.now();
    const task = await tasks.insert({ ...submission, correlationId: newCorrelationId() });
    const { correlationId } = task;
    events.emit('submitted', { correlationId });
    const tryDispatch = (limit: AbortSignal) =>
      dispatch(task, limit).then(
        () => true,
        () => false, // nobody's failure: the reconciler sees to it
      );
    // A seed this late could be for a task that has ended meanwhile.
    const late = clock.now() - sent > settings.seedLimitMs;
    const published = !late && (await within(clock, settings.dispatchBudgetMs, tryDispatch, false));
    events.emit('dispatched', { correlationId, outcome: published ? 'published' : 'left_to_reconciler' });
    return task;
  };
}
