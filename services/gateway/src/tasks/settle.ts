import { type Clock, within } from '@tickwork/runtime/process/clock';
import type { TaskRecords } from '@tickwork/task/ports';
import type { TaskKey } from '@tickwork/task/task';

/** Ends the record of a task whose row is final or gone. Never throws, and waits no longer than its limit. */
export type Settle = (key: TaskKey) => Promise<void>;

export interface SettleDependencies {
  readonly records: Pick<TaskRecords, 'settle'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limitMs: number;
}

/** Without it the worker goes on until its next report, or the reconciler's quiet check: later, and with the same end. */
export function createSettle({ records, clock, limitMs }: SettleDependencies): Settle {
  return ({ correlationId, id }) =>
    within(clock, limitMs, () => records.settle({ correlationId, id }).catch(() => {}), undefined);
}
