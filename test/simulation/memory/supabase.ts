import { randomUUID } from 'node:crypto';
import type { ReconcilerTasks, UserTasks } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import type { Owner } from '../../conformance/owner.ts';
import type { TaskProtection } from './protections.ts';
import { createOwner } from './supabase/owner.ts';
import { createReconcilerTasks } from './supabase/reconciler.ts';
import type { Database, Row } from './supabase/table.ts';
import { createUserTasks } from './supabase/user.ts';

export interface MemorySupabaseOptions {
  /** The database's clock, in microseconds since 1970. */
  now(): Stamp;
  /** For mutants: what this database does without. */
  readonly without?: ReadonlySet<TaskProtection>;
  /** A user's tasks in a day (UTC), and unfinished at a time. */
  readonly dailyLimit?: number;
  readonly activeLimit?: number;
  /** Makes the ids of rows. */
  readonly uuid?: () => string;
  /** Without charge_in_insert: what lies between an insert's steps. */
  readonly pause?: () => Promise<void>;
}

interface Usage {
  readonly userId: string;
  /** In UTC, as 2026-01-31. */
  readonly date: string;
  readonly used: number;
}

/** What a backup holds. */
interface MemorySnapshot {
  readonly rows: ReadonlyMap<string, Row>;
  readonly usage: ReadonlyMap<string, number>;
}

export interface MemorySupabase {
  asUser(userId: string): UserTasks;
  asReconciler(): ReconcilerTasks;
  asOwner(userId: string): Owner;
  /** As they are now, by correlation_id; for checks. */
  rows(): ReadonlyMap<string, Row>;
  usage(): readonly Usage[];
  snapshot(): MemorySnapshot;
  restore(snapshot: MemorySnapshot): void;
}

/** The tables of `supabase/migrations` with their triggers, policies and functions, in memory. Every call is one atomic transaction. */
export function createMemorySupabase(options: MemorySupabaseOptions): MemorySupabase {
  const { now, without = new Set(), dailyLimit = 6, activeLimit = 100, uuid = randomUUID } = options;
  const pause = options.pause ?? (() => Promise.resolve());
  const database: Database = {
    rows: new Map(),
    usage: new Map(),
    dailyLimit,
    activeLimit,
    now,
    uuid,
    lacks: (protection) => without.has(protection),
  };
  return {
    asUser: (userId) => createUserTasks(database, userId, pause),
    asReconciler: () => createReconcilerTasks(database),
    asOwner: (userId) => createOwner(database, userId),
    rows: () => database.rows,
    usage: () =>
      [...database.usage].map(([key, used]) => {
        const [userId = '', date = ''] = key.split(' ');
        return { userId, date, used };
      }),
    snapshot: () => ({ rows: new Map(database.rows), usage: new Map(database.usage) }),
    restore: (snapshot) => {
      refill(database.rows, snapshot.rows);
      refill(database.usage, snapshot.usage);
    },
  };
}

function refill<Key, Value>(held: Map<Key, Value>, wanted: ReadonlyMap<Key, Value>): void {
  held.clear();
  for (const [key, value] of wanted) held.set(key, value);
}
