import { setTimeout as delay } from 'node:timers/promises';
import { currentTraceparent } from '@tickwork/runtime/telemetry/trace-context';
import type { TaskQueue, TaskRecords, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { Task } from '@tickwork/task/task';
import { v7 as uuidv7 } from 'uuid';
import type { GatewayEmitter } from '../events.ts';

export interface SubmitDependencies {
  readonly records: Pick<TaskRecords, 'seed' | 'scheduleDispatch'>;
  readonly queue: Pick<TaskQueue, 'publish'>;
  readonly events: GatewayEmitter;
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
export function createSubmitTask({ records, queue, events, settings }: SubmitDependencies) {
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
    const sent = performance.now();
    const task = await tasks.insert({ ...submission, correlationId: uuidv7() });
    const { correlationId } = task;
    events.emit('submitted', { correlationId });
    // A seed this late could be for a task that has ended meanwhile.
    const late = performance.now() - sent > settings.seedLimitMs;
    const published = !late && (await within(settings.dispatchBudgetMs, (limit) => dispatch(task, limit)));
    events.emit('dispatched', { correlationId, outcome: published ? 'published' : 'left_to_reconciler' });
    return task;
  };
}

/** True when `action` ended well in time; it is told to give up then, and its failure is nobody's. */
async function within(ms: number, action: (limit: AbortSignal) => Promise<void>): Promise<boolean> {
  const limit = new AbortController();
  const done = action(limit.signal).then(
    () => true,
    () => false,
  );
  const late = delay(ms, false, { signal: limit.signal }).catch(() => false);
  const result = await Promise.race([done, late]);
  limit.abort();
  return result;
}
