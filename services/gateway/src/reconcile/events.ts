import { EventEmitter } from 'node:events';
import type { Action } from './decide.ts';
import type { TokenState } from './token-notice.ts';

export type PassName = 'hints' | 'scan' | 'quiet' | 'repair';

interface ReconcilerEvents {
  /** Told for every action that was carried out. */
  acted: [{ pass: PassName; action: Action; outcome: string }];
  /** A key that looks like a record and is none. */
  foreign_key: [{ pass: PassName; correlationId: string }];
  /** From the worker's stamp to Supabase's answer, in seconds; clocks of two hosts, so it can be off by their skew. */
  synced: [{ lagSeconds: number }];
  pass_ended: [{ pass: PassName; durationMs: number; looked: number; acted: number }];
  pass_failed: [{ pass: PassName; error: unknown; retryInMs: number }];
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
