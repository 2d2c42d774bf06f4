import type { Clock } from '@tickwork/runtime/process/clock';
import { reasonOf } from '@tickwork/runtime/telemetry/connection-log';
import type { Backlog } from './backlog.ts';
import type { ReconcilerEmitter } from './events.ts';
import { done, runLoop } from './loop.ts';

export interface WatchesOptions {
  /** In seconds since 1970, or null. Rejects when the token can't be used. */
  readonly readTokenExpiry: () => Promise<number | null>;
  /** Answers the database's newest migration; rejects when it is older than needed. */
  readonly checkSchema: (signal: AbortSignal) => Promise<string>;
  /** Never rejects. */
  readonly countBacklog: () => Promise<Backlog>;
  readonly intervalsMs: { readonly token: number; readonly schema: number; readonly backlog: number };
  readonly events: ReconcilerEmitter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Looks after what the passes need, until `signal`; a standby does so too. */
export async function runWatches(options: WatchesOptions): Promise<void> {
  const { readTokenExpiry, checkSchema, countBacklog, intervalsMs, events, clock, signal } = options;
  const token = runLoop({
    pass: async () => {
      const expiresAt = await readTokenExpiry();
      events.emit('token_checked', { kind: 'usable', expiresAt });
      return done;
    },
    intervalMs: intervalsMs.token,
    signal,
    clock,
    onFailure: (error) => events.emit('token_checked', { kind: 'unusable', reason: reasonOf(error) }),
  });
  const schema = runLoop({
    pass: async (passSignal) => {
      events.emit('schema_checked', { found: await checkSchema(passSignal) });
      return done;
    },
    intervalMs: intervalsMs.schema,
    signal,
    clock,
    onFailure: (error) => events.emit('schema_failed', { error }),
  });
  const backlog = runLoop({
    pass: async () => {
      events.emit('backlog_counted', await countBacklog());
      return done;
    },
    intervalMs: intervalsMs.backlog,
    signal,
    clock,
    onFailure: () => {}, // it never fails
  });
  await Promise.all([token, schema, backlog]);
}
