import type { Finding } from '@tickwork/task/ports';
import type { SyncAnswer, TaskRecord } from '@tickwork/task/task';
import { describe, expect, test } from 'vitest';
import { clean, decideOne, now, row } from './decide.harness.ts';
import { decide, notStorable, protocolLimits } from './decide.ts';

const dayUs = 86_400_000_000;
const ahead: TaskRecord = { ...clean, updatedAt: 101 };
const ended: TaskRecord = { ...clean, status: 'completed' };
const none = (reason: string) => ({ kind: 'none', reason, correlationId: 'c1' });

describe('what the scan or a hint named', () => {
  const found = (finding: Finding, record: TaskRecord | null) =>
    decideOne({ kind: 'found', finding, correlationId: 'c1', record });

  test.each<Finding>(['ahead', 'due', 'quiet'])('ahead is synced, though it was named as %s', (finding) => {
    expect(found(finding, ahead)).toEqual({ kind: 'sync', record: ahead });
    const endedAhead = { ...ended, updatedAt: 101 };
    expect(found(finding, endedAhead)).toEqual({ kind: 'sync', record: endedAhead });
  });
  test("due and quiet are asked about: what becomes of them is their row's to say", () => {
    expect(found('due', clean)).toEqual({ kind: 'read_due', record: clean });
    expect(found('quiet', clean)).toEqual({ kind: 'read_quiet', record: clean });
  });
  test.each<Finding>(['ahead', 'due', 'quiet'])('what was %s and has ended or is gone is left', (finding) => {
    expect(found(finding, ended)).toEqual(none('in_order'));
    expect(found(finding, null)).toEqual(none('gone'));
  });
  test('what was ahead and is confirmed by now is in order', () => {
    expect(found('ahead', clean)).toEqual(none('in_order'));
  });
  test('what is no record of ours is left, whatever it looks like by now', () => {
    expect(found('foreign', null)).toEqual(none('foreign'));
    expect(found('foreign', ahead)).toEqual(none('foreign'));
  });
});

describe("Supabase's answer to an update", () => {
  const answered = (change: Partial<SyncAnswer>, sent = ahead, at = now) => {
    const answer: SyncAnswer = {
      correlationId: 'c1',
      outcome: 'applied',
      status: 'in_progress',
      updatedAt: 101,
      ...change,
    };
    return decideOne({ kind: 'answered', sent, answer }, at);
  };
  const stale = { outcome: 'stale' } as const;

  test('applied is confirmed as it was sent, with its lag', () => {
    expect(answered({}, ahead, 1_500_101)).toEqual({
      kind: 'confirm',
      reason: 'applied',
      sent: ahead,
      lagSeconds: 1.5,
    });
  });
  test('applied, and stamped more than a day ahead, is confirmed all the same: a clock is wrong', () => {
    const sent = { ...clean, updatedAt: now + dayUs };
    expect(answered({}, sent)).toMatchObject({ kind: 'confirm', reason: 'applied', lagSeconds: -86_400 });
    const further = { ...sent, updatedAt: sent.updatedAt + 1 };
    expect(answered({}, further)).toMatchObject({ kind: 'confirm', reason: 'clock_wrong', sent: further });
  });
  test.each(['completed', 'error', 'cancelled'] as const)(
    'stale against a row that is %s is settled',
    (status) => {
      expect(answered({ ...stale, status })).toEqual({ kind: 'settle', reason: 'row_final', key: ahead });
    },
  );
  test("stale against a row that goes on is rebased past the row's stamp", () => {
    expect(answered({ ...stale, updatedAt: 500 })).toEqual({
      kind: 'rebase',
      reason: 'row_newer',
      sent: ahead,
      rowUpdatedAt: 500,
    });
  });
  test('stale though it is newer than the row: the database found its stamp a day ahead, whatever this clock says', () => {
    expect(answered({ ...stale, updatedAt: 100 })).toEqual({
      kind: 'rebase',
      reason: 'clock_wrong',
      sent: ahead,
      rowUpdatedAt: 100,
    });
  });
  test('stale against a row that is itself more than a day ahead: a clock is wrong too', () => {
    const reason = (updatedAt: number) => answered({ ...stale, updatedAt });
    expect(reason(now + dayUs)).toMatchObject({ kind: 'rebase', reason: 'row_newer' });
    expect(reason(now + dayUs + 1)).toMatchObject({ kind: 'rebase', reason: 'clock_wrong' });
  });
  test('stale without a stamp of the row leaves all as it is', () => {
    expect(answered({ ...stale, updatedAt: null })).toEqual(none('gone'));
  });
  test('missing is settled', () => {
    const missing = answered({ outcome: 'missing', status: null, updatedAt: null });
    expect(missing).toEqual({ kind: 'settle', reason: 'row_missing', key: ahead });
  });
  test('invalid fails with a text that is safe to show', () => {
    const invalid = answered({ outcome: 'invalid', status: null, updatedAt: null });
    expect(invalid).toEqual({ kind: 'fail', reason: 'not_storable', sent: ahead, error: notStorable });
  });
});

/** What a row says of a record that a worker has, or that is due. */
const verdicts = [
  [
    'is final',
    { ...row, status: 'cancelled', updatedAt: 500 },
    { kind: 'settle', reason: 'row_final', key: clean },
  ],
  ['is gone', null, { kind: 'settle', reason: 'row_missing', key: clean }],
  [
    'is behind it: a restored database',
    { ...row, updatedAt: 99 },
    { kind: 'reopen', reason: 'row_behind', key: clean, rowUpdatedAt: 99 },
  ],
] as const;

describe('a due record', () => {
  const due = (given: typeof row | null, record = clean, queueReady = true) =>
    decideOne({ kind: 'due', record, row: given, queueReady });

  test.each([
    ['', 'not_claimed'],
    ['-', 'put_back'],
    ['token', 'claim_ran_out'],
  ])('with the claim "%s" is dispatched while its row goes on, as %s', (claim, reason) => {
    const record = { ...clean, claim };
    expect(due(row, record)).toEqual({ kind: 'dispatch', reason, record, row });
    expect(due({ ...row, updatedAt: 500 }, record)).toMatchObject({ kind: 'dispatch', reason });
  });
  test('waits for the queue', () => {
    expect(due(row, clean, false)).toEqual(none('no_queue'));
  });
  test.each(verdicts)('is not run when its row %s, with or without a queue', (_, given, action) => {
    expect(due(given)).toEqual(action);
    expect(due(given, clean, false)).toEqual(action);
  });
});

describe('a quiet record', () => {
  const quiet = (given: typeof row | null) => decideOne({ kind: 'quiet', record: clean, row: given });

  test('goes on with its worker while its row does, also where its owner touched it', () => {
    expect(quiet(row)).toEqual(none('in_order'));
    expect(quiet({ ...row, updatedAt: 500 })).toEqual(none('in_order'));
  });
  test.each(verdicts)('is seen to when its row %s', (_, given, action) => {
    expect(quiet(given)).toEqual(action);
  });
});

describe('an old row that is not final', () => {
  const active = (record: TaskRecord | null, given = row) =>
    decideOne({ kind: 'active', row: given, record });

  test('gets a record when it has none', () => {
    expect(active(null)).toEqual({ kind: 'seed', reason: 'no_record', row });
  });
  test('gets a record when there is only the settled one of another life', () => {
    expect(active({ ...ended, id: 'i0' })).toEqual({ kind: 'seed', reason: 'other_life', row });
  });
  test.each([
    ['goes on', { ...clean, id: 'i0' }],
    ['is ahead', { ...ended, id: 'i0', updatedAt: 101 }],
  ])('is not seeded over a record of another life that %s; that one is asked about', (_, record) => {
    expect(active(record)).toEqual({ kind: 'read_other_life', record });
  });
  test('leaves a record in order, and one that is ahead to the scan', () => {
    expect(active(clean)).toEqual(none('in_order'));
    expect(active(clean, { ...row, updatedAt: 500 })).toEqual(none('in_order'));
    expect(active(ahead)).toEqual(none('in_order'));
    expect(active({ ...ended, updatedAt: 101 })).toEqual(none('in_order'));
  });
  test('that is behind what it had confirmed reopens its record', () => {
    expect(active(clean, { ...row, updatedAt: 99 })).toEqual({
      kind: 'reopen',
      reason: 'row_behind',
      key: { ...row, updatedAt: 99 },
      rowUpdatedAt: 99,
    });
  });
  test('whose record has ended reopens it, also at the same stamp', () => {
    expect(active(ended)).toEqual({ kind: 'reopen', reason: 'row_not_final', key: row, rowUpdatedAt: 100 });
  });
});

test('the unsettled record of another life is settled once its row is gone, and left while it is there', () => {
  const record = { ...clean, id: 'i0' };
  const settled = { kind: 'settle', reason: 'row_missing', key: record };
  expect(decideOne({ kind: 'other_life', record, row: null })).toEqual(settled);
  expect(decideOne({ kind: 'other_life', record, row })).toEqual(none('in_order'));
});

test('a plan of nothing is empty', () => {
  expect(decide([], now, protocolLimits)).toEqual({ actions: [], questions: [] });
});
