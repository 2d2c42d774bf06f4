import type { Status } from './status.ts';

/** What can happen to a task. `claim` is a new attempt by a worker; `cancel` comes from its owner. */
export type TaskEvent = 'claim' | 'start' | 'tick' | 'complete' | 'fail' | 'cancel';

export type Sender = 'owner' | 'worker' | 'reconciler';

/**
 * Who sends each event. A worker means the one that shows its claim's token; the reconciler fails a task whose last attempt is over,
 * or whose result can't be stored.
 */
export const senders: Readonly<Record<TaskEvent, readonly Sender[]>> = {
  claim: ['worker'],
  start: ['worker'],
  tick: ['worker'],
  complete: ['worker'],
  fail: ['worker', 'reconciler'],
  cancel: ['owner'],
};

/** The status that follows, or `refused`: the event changes nothing and whoever sent it stops. */
export type Outcome = Status | 'refused';

/**
 * The lifecycle, whole: the compiler demands an outcome for every event in every status. A claim leads back to `accepted`
 * from any status that is not final, since a worker can be lost at any point. See docs/task-lifecycle.md.
 */
export const lifecycle: Readonly<Record<Status, Readonly<Record<TaskEvent, Outcome>>>> = {
  pending: {
    claim: 'accepted',
    start: 'refused',
    tick: 'refused',
    complete: 'refused',
    fail: 'error',
    cancel: 'cancelled',
  },
  accepted: {
    claim: 'accepted',
    start: 'started',
    tick: 'refused',
    complete: 'refused',
    fail: 'error',
    cancel: 'cancelled',
  },
  started: {
    claim: 'accepted',
    start: 'refused',
    tick: 'in_progress',
    complete: 'completed',
    fail: 'error',
    cancel: 'cancelled',
  },
  in_progress: {
    claim: 'accepted',
    start: 'refused',
    tick: 'in_progress',
    complete: 'completed',
    fail: 'error',
    cancel: 'cancelled',
  },
  completed: {
    claim: 'refused',
    start: 'refused',
    tick: 'refused',
    complete: 'refused',
    fail: 'refused',
    cancel: 'refused',
  },
  error: {
    claim: 'refused',
    start: 'refused',
    tick: 'refused',
    complete: 'refused',
    fail: 'refused',
    cancel: 'refused',
  },
  cancelled: {
    claim: 'refused',
    start: 'refused',
    tick: 'refused',
    complete: 'refused',
    fail: 'refused',
    cancel: 'refused',
  },
};

/** The status after `event`. Throws when the lifecycle refuses it: the caller has a bug, or reads a status that is stale. */
export function advance(status: Status, event: TaskEvent): Status {
  const outcome = lifecycle[status][event];
  if (outcome === 'refused') throw new Error(`a task that is ${status} refuses ${event}`);
  return outcome;
}
