import { type Row, timestampOf } from '../memory/supabase/table.ts';
import type { MemorySupabase } from '../memory/supabase.ts';
import type { Invariant } from './invariants.ts';

export interface UsageContext {
  readonly supabase: () => MemorySupabase;
  readonly dailyLimit: number;
  readonly violate: (invariant: Invariant, text: string) => void;
}

/** Counts for itself what each user inserted on each day, and compares it with what the user was charged. */
export function createUsage({ supabase, dailyLimit, violate }: UsageContext) {
  let inserted = new Map<string, number>();
  const nameOf = (userId: string, date: string) => `${userId} ${date}`;
  return {
    inserted({ userId, createdAt }: Row): void {
      const name = nameOf(userId, timestampOf(createdAt).slice(0, 10));
      inserted.set(name, (inserted.get(name) ?? 0) + 1);
    },
    check(): void {
      const charged = new Map(
        supabase()
          .usage()
          .map(({ userId, date, used }) => [nameOf(userId, date), used]),
      );
      for (const [name, count] of inserted) {
        if (count > dailyLimit) violate('quota', `${count} tasks at a limit of ${dailyLimit}`);
        if (charged.get(name) !== count) violate('quota', `${count} tasks, ${charged.get(name)} charged`);
      }
    },
    /** A backup of the database holds its usage too. */
    snapshot: () => new Map(inserted),
    restore: (kept: ReadonlyMap<string, number>) => {
      inserted = new Map(kept);
    },
  };
}
