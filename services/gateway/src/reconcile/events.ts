import { EventEmitter } from 'node:events';
import type { Found } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import type { SyncOutcome } from '@tickwork/task/task';
import type { ActiveTasks } from './active-tasks.ts';
import type { Backlog } from './backlog.ts';
import type { CircuitState } from './circuit-state.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import type { Action, ActionOutcome, Plan } from './plan.ts';
import type { TokenState } from './token-notice.ts';

export const passNames = ['hints', 'scan', 'quiet', 'repair'] as const;
export type PassName = (typeof passNames)[number];
/** Those that walk over the whole keyspace. */
export const walkNames = ['scan', 'quiet'] as const satisfies readonly PassName[];
export type WalkName = (typeof walkNames)[number];

interface ReconcilerEvents {
  /** What a step of a pass is about to do. */
  planned: [{ pass: PassName; plan: Plan }];
  /** Told for every action that was carried out. */
  acted: [{ pass: PassName; action: Action; outcome: ActionOutcome }];
  /** What a walk met that looks like records and is none. */
  foreign_keys: [{ pass: WalkName } & ForeignKeys];
  /** What the hints named, or a step of a walk found. */
  found: [{ pass: WalkName | 'hints'; found: readonly Found[] }];
  /** A walk saw the whole keyspace. */
  walked: [{ pass: WalkName; keys: number }];
  /** Repair saw every row that is not final and old enough. */
  active_counted: [ActiveTasks];
  backlog_counted: [Backlog];
  /** What Supabase made of an update that carried this status. */
  synced: [{ status: Status; outcome: SyncOutcome }];
  pass_ended: [{ pass: PassName; durationMs: number; looked: number; acted: number }];
  pass_failed: [{ pass: PassName; error: unknown; retryInMs: number }];
  /** The circuit before Supabase; `cause` is the failure that opened it. */
  circuit_changed: [{ state: CircuitState; cause: unknown }];
  token_checked: [TokenState];
  /** The database has this migration, which is new enough. */
  schema_checked: [{ found: string }];
  /** It has an older one, or could not be asked. */
  schema_failed: [{ error: unknown }];
}

export type ReconcilerEmitter = EventEmitter<ReconcilerEvents>;

export function createReconcilerEvents(): ReconcilerEmitter {
  return new EventEmitter<ReconcilerEvents>();
}
