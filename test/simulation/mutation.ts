import type { ReconcilerTasks, TaskRecords, TaskReports } from '@tickwork/task/ports';
import type { TaskProtection } from './memory/protections.ts';
import type { RecordProtection } from './memory/redis-protections.ts';

/** One protection off: in a server, or in what a process sees of one. Nothing is off in a schedule that must hold. */
export interface Mutation {
  readonly records: ReadonlySet<RecordProtection>;
  readonly tasks: ReadonlySet<TaskProtection>;
  /** The worker's tokens; else fresh UUIDs. */
  readonly tokens?: () => () => string;
  /** Replaces a worker's own clock where it judges its claims. */
  readonly claimClock?: () => number;
  readonly reports?: (reports: TaskReports) => TaskReports;
  readonly taskRecords?: (records: TaskRecords) => TaskRecords;
  readonly reconcilerTasks?: (tasks: ReconcilerTasks) => ReconcilerTasks;
}

export const noMutation: Mutation = { records: new Set(), tasks: new Set() };
