import { EventEmitter } from 'node:events';
import type { CircuitState } from './circuit-state.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import type { Action, ActionOutcome, Plan } from './plan.ts';
import type { TokenState } from './token-notice.ts';

export const passNames = ['hints', 'scan', 'quiet', 'repair'] as const;
export type PassName = (typeof passNames)[number];

interface ReconcilerEvents {
  /** What a step of a pass is about to do. */
  planned: [{ pass: PassName; plan: Plan }];
  /** Told for every action that was carried out. */
  acted: [{ pass: PassName; action: Action; outcome: ActionOutcome }];
  /** What a walk met that looks like records and is none. */
  foreign_keys: [{ pass: PassName } & ForeignKeys];
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
