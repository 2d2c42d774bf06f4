import { isFinal, type Status } from '@tickwork/task/status';
import type { Row } from '../memory/supabase/table.ts';
import type { Invariant, Losses } from './invariants.ts';
import type { createValues } from './values.ts';

/** What changed rows: a sync (by whom), their owner, or fate. */
export type Cause =
  | { readonly kind: 'sync'; readonly userId: string | null }
  | { readonly kind: 'owner'; readonly userId: string; readonly cancels: boolean }
  | { readonly kind: 'insert'; readonly userId: string }
  | { readonly kind: 'restore' };

export interface RowsContext {
  readonly losses: Losses;
  readonly values: ReturnType<typeof createValues>;
  readonly now: () => number;
  readonly violate: (invariant: Invariant, text: string) => void;
  readonly onTransition: (from: Status, to: Status, cause: Cause) => void;
}

export type Rows = ReturnType<typeof watchRows>;

/** Watches the table: compares it with what it was before each transaction. */
export function watchRows({ losses, values, now, violate, onTransition }: RowsContext) {
  let known = new Map<string, Row>();
  const ended = new Map<string, number>();
  const cancelled = new Set<string>();
  /** Every state that each row had, and until when. */
  const states = new Map<string, { readonly json: string; readonly from: number; until: number }[]>();

  function onChange(before: Row, after: Row, cause: Cause): void {
    if (cause.kind === 'restore') return;
    if (after.updatedAt < before.updatedAt)
      violate('row_stamp', `${before.updatedAt} became ${after.updatedAt}`);
    if (isFinal(before.status)) violate('final_row', `${before.status} became ${after.status}`);
    if (cause.kind === 'sync') onSync(before, after, cause.userId);
    if (cause.kind === 'owner' && cause.userId !== after.userId) violate('own_rows', 'an update');
    if (before.status !== after.status) onTransition(before.status, after.status, cause);
  }

  function onSync(before: Row, after: Row, userId: string | null): void {
    if (userId !== null && userId !== after.userId) violate('own_rows', 'a sync');
    const excused = losses.failovers > 0 || losses.wild || (losses.flushes > 0 && losses.lagged);
    if (after.updatedAt !== before.updatedAt && !values.synced(after.id, after.updatedAt) && !excused) {
      violate('newer_only', `${before.status} ${before.tick} became ${after.status} ${after.tick}`);
    }
    const text = JSON.stringify(after.result ?? '');
    if (after.result !== null && !text.includes(after.mandate)) violate('own_value', text);
    const wasAsked = cancelled.has(after.id) || losses.restores > 0;
    if (after.status === 'cancelled' && !wasAsked) violate('asked_for', 'by a sync');
  }

  function remember(row: Row): void {
    const list = states.get(row.id) ?? [];
    const json = jsonOf(row);
    const last = list.at(-1);
    if (last?.json === json && last.until === Number.POSITIVE_INFINITY) return;
    if (last) last.until = Math.min(last.until, now());
    list.push({ json, from: now(), until: Number.POSITIVE_INFINITY });
    states.set(row.id, list);
  }

  function forget(id: string): void {
    const last = states.get(id)?.at(-1);
    if (last) last.until = Math.min(last.until, now());
  }

  return {
    /** A transaction has ended. */
    changed(rows: readonly Row[], cause: Cause): void {
      const next = new Map(rows.map((row) => [row.id, row]));
      for (const id of known.keys()) {
        if (next.has(id)) continue;
        forget(id);
        ended.set(id, now());
      }
      for (const row of rows) {
        const before = known.get(row.id);
        if (cause.kind === 'restore') values.restored(row.id, row.updatedAt);
        if (
          cause.kind === 'owner' &&
          cause.cancels &&
          row.userId === cause.userId &&
          row.status === 'cancelled'
        ) {
          cancelled.add(row.id);
        }
        if (before && jsonOf(before) !== jsonOf(row)) onChange(before, row, cause);
        if (!isFinal(row.status)) ended.delete(row.id);
        else if (!ended.has(row.id)) ended.set(row.id, now());
        remember(row);
      }
      known = next;
    },
    current: (id: string): Row | null => known.get(id) ?? null,
    all: (): readonly Row[] => [...known.values()],
    /** Since when the row has been final or gone; null while it goes on. */
    endedAt: (id: string): number | null => ended.get(id) ?? null,
    /** Whether the row was in this state at some time since `from`. */
    was: (row: Row, from: number): boolean =>
      (states.get(row.id) ?? []).some(({ json, until }) => until >= from && json === jsonOf(row)),
  };
}

const jsonOf = ({ id, correlationId, userId, mandate, status, tick, result, error, updatedAt }: Row) =>
  JSON.stringify([id, correlationId, userId, mandate, status, tick, result, error, updatedAt]);
