import type { ActiveRow, DispatchableRow, Finding } from '@tickwork/task/ports';
import type { SyncAnswer, TaskRecord } from '@tickwork/task/task';
import { describe, expect, test } from 'vitest';
import {
  decideActive,
  decideAnswer,
  decideDue,
  decideFound,
  decideOtherLife,
  decideQuiet,
  unstorable,
} from './decide.ts';

const key = { correlationId: 'c1', id: 'i1' };
const clean: TaskRecord = {
  ...key,
  userId: 'u1',
  status: 'in_progress',
  tick: 2,
  result: null,
  error: null,
  updatedAt: 100,
  syncedAt: 100,
  claim: 'token',
  attempts: 1,
  dueAt: 200,
  traceparent: null,
};
const ahead: TaskRecord = { ...clean, updatedAt: 101 };
const ended: TaskRecord = { ...clean, status: 'completed' };
const row: DispatchableRow = {
  ...key,
  userId: 'u1',
  mandate: 'm',
  maxTicks: 5,
  status: 'in_progress',
  updatedAt: 100,
};
const active: ActiveRow = row;

describe('what the scan or a hint named', () => {
  test.each<Finding>(['ahead', 'due', 'quiet'])('ahead is synced, though it was named as %s', (finding) => {
    expect(decideFound(ahead, finding)).toEqual({ kind: 'sync', record: ahead });
  });
  test('due is asked about, to act; quiet too, only to see that it goes on', () => {
    expect(decideFound(clean, 'due')).toEqual({ kind: 'read_row', record: clean });
    expect(decideFound(clean, 'quiet')).toEqual({ kind: 'check_row', record: clean });
  });
  test.each<Finding>(['due', 'quiet'])(
    'what was %s and ended, vanished or is in order is left',
    (finding) => {
      expect(decideFound(ended, finding)).toEqual({ kind: 'none', reason: 'in_order' });
      expect(decideFound(null, finding)).toEqual({ kind: 'none', reason: 'gone' });
      expect(decideFound(clean, 'ahead').kind).toBe('none');
    },
  );
});

describe("Supabase's answer to an update", () => {
  const answer = (change: Partial<SyncAnswer>): SyncAnswer => ({
    correlationId: 'c1',
    outcome: 'applied',
    status: 'in_progress',
    updatedAt: 101,
    ...change,
  });
  test('applied is confirmed as it was sent', () => {
    expect(decideAnswer(ahead, answer({}))).toEqual({ kind: 'confirm', sent: ahead });
  });
  test('stale against a final row is settled', () => {
    const action = decideAnswer(ahead, answer({ outcome: 'stale', status: 'cancelled' }));
    expect(action).toEqual({ kind: 'settle', key: ahead, reason: 'row_final' });
  });
  test("stale against a row that goes on is rebased past the row's stamp", () => {
    const action = decideAnswer(ahead, answer({ outcome: 'stale', updatedAt: 500 }));
    expect(action).toEqual({ kind: 'rebase', sent: ahead, rowUpdatedAt: 500 });
  });
  test('missing is settled, invalid fails with a text that is safe to show', () => {
    const none = { status: null, updatedAt: null };
    expect(decideAnswer(ahead, answer({ outcome: 'missing', ...none }))).toMatchObject({ kind: 'settle' });
    expect(decideAnswer(ahead, answer({ outcome: 'invalid', ...none }))).toEqual({
      kind: 'fail',
      sent: ahead,
      error: unstorable,
    });
  });
});

describe('a due record and its row', () => {
  const limits = { queueReady: true };
  test('is dispatched while the row goes on', () => {
    expect(decideDue(clean, row, limits)).toEqual({ kind: 'dispatch', record: clean, row });
  });
  test('waits for the queue', () => {
    expect(decideDue(clean, row, { queueReady: false })).toEqual({ kind: 'none', reason: 'no_queue' });
  });
  test('is settled, not run, when the row is final or gone', () => {
    expect(decideDue(clean, { ...row, status: 'cancelled' }, limits)).toMatchObject({ reason: 'row_final' });
    expect(decideDue(clean, null, limits)).toMatchObject({ kind: 'settle', reason: 'row_missing' });
  });
  test('is synced once more when the row is behind it: a restored database', () => {
    const behind = { ...row, updatedAt: 99 };
    expect(decideDue(clean, behind, limits)).toEqual({ kind: 'reopen', key: clean, rowUpdatedAt: 99 });
  });
});

describe('a quiet record and its row', () => {
  test('goes on with its worker while the row does, also where its owner touched it', () => {
    expect(decideQuiet(clean, row)).toEqual({ kind: 'none', reason: 'in_order' });
    expect(decideQuiet(clean, { ...row, updatedAt: 500 }).kind).toBe('none');
  });
  test('is settled when its owner ended or deleted the row', () => {
    expect(decideQuiet(clean, { ...row, status: 'cancelled', updatedAt: 500 })).toEqual({
      kind: 'settle',
      key: clean,
      reason: 'row_final',
    });
    expect(decideQuiet(clean, null)).toEqual({ kind: 'settle', key: clean, reason: 'row_missing' });
  });
  test('is synced once more when the row is behind it: a restored database', () => {
    const behind = { ...row, updatedAt: 99 };
    expect(decideQuiet(clean, behind)).toEqual({ kind: 'reopen', key: clean, rowUpdatedAt: 99 });
  });
});

describe('an old row that is not final', () => {
  test('gets a record when it has none, or only the settled one of another life', () => {
    expect(decideActive(active, null)).toEqual({ kind: 'seed', row: active });
    expect(decideActive(active, { ...ended, id: 'i0' })).toEqual({ kind: 'seed', row: active });
  });
  test('is not seeded over a record of another life that is unsettled; that one is asked about', () => {
    const other = { ...clean, id: 'i0' };
    expect(decideActive(active, other)).toEqual({ kind: 'read_row', record: other });
    expect(decideOtherLife(other, null)).toEqual({ kind: 'settle', key: other, reason: 'row_missing' });
    expect(decideOtherLife(other, row).kind).toBe('none');
  });
  test('reopens a record that is newer or final, and not ahead already', () => {
    expect(decideActive({ ...active, updatedAt: 99 }, clean)).toMatchObject({
      kind: 'reopen',
      rowUpdatedAt: 99,
    });
    expect(decideActive(active, ended)).toMatchObject({ kind: 'reopen' });
    expect(decideActive(active, { ...ended, updatedAt: 101 }).kind).toBe('none');
    expect(decideActive(active, clean).kind).toBe('none');
  });
});
