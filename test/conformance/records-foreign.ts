import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { drained, given, newTask, ofAnotherRow, rowStamp, seedOf } from './records-tasks.ts';

/** What somebody else wrote where our records are. */
const byHand = {
  'no id': { id: '' },
  'no user_id': { user_id: '' },
  'no status': { status: '' },
  'a status that is none': { status: 'running' },
  'no stamp': { updated_at: '' },
  'a stamp that is no number': { updated_at: 'abc' },
  'a stamp with a fraction': { updated_at: '1700000000000000.5' },
  'a stamp with an exponent': { updated_at: '1.7e15' },
  'a negative stamp': { updated_at: '-1' },
  'a stamp beyond all times': { updated_at: '99999999999999999' },
  'a stamp that is long for zeros': { updated_at: '00000000000000005' },
  'a confirmed stamp that is no number': { synced_at: 'abc' },
  'a confirmed stamp with a fraction': { synced_at: '1.5' },
};

export function describeForeign(records: RecordsBench): void {
  describe('what is no record of ours', () => {
    test.for(Object.entries(byHand))(
      'is named foreign by the scan, and read as none: %s',
      async ([, fields]) => {
        const task = await records.seeded();
        await records.set(task, fields);
        expect(await records.finding(task)).toBe('foreign');
        expect(await records.storage.read([task.correlationId])).toEqual([null]);
      },
    );

    test('is named foreign by the scan, and read as none: a hash with other fields', async () => {
      const task = await records.seeded();
      await records.remove(task);
      await records.set(task, { name: 'somebody' });
      expect(await records.finding(task)).toBe('foreign');
      expect(await records.storage.read([task.correlationId])).toEqual([null]);
    });

    test('is named foreign by the scan, and read as none: a key of another type', async () => {
      const [task, other] = [await records.seeded(), await records.seeded({ waitMs: 0 })];
      await records.server.setForeign(`task:${task.correlationId}`);
      expect(await records.finding(task)).toBe('foreign');
      expect(await records.finding(other)).toBe('due');
      const read = await records.storage.read([task.correlationId, other.correlationId]);
      expect(read).toEqual([null, expect.objectContaining({ id: other.id })]);
    });

    test('is no reason to miss what the hints name; its own hint is dropped', async () => {
      const [type, hand] = [await records.claimed({ waitMs: 0 }), await records.claimed({ waitMs: 0 })];
      const wait = await records.seeded({ waitMs: 0 });
      const [other, due] = [await records.claimed(), await records.seeded({ waitMs: 0 })];
      await records.server.setForeign(`task:${type.correlationId}`);
      await records.set(hand, { status: 'running' });
      await records.server.setForeign(`task:${wait.correlationId}`);
      const found = await records.storage.hinted(1000);
      expect(found).toContainEqual({ correlationId: other.correlationId, finding: 'ahead' });
      expect(found).toContainEqual({ correlationId: due.correlationId, finding: 'due' });
      expect((await records.hints(type)).ahead).toBeNull();
      expect((await records.hints(hand)).ahead).toBeNull();
      expect((await records.hints(wait)).due).toBeNull();
    });

    test('makes way for the record of a row, of whatever type it is', async () => {
      const [type, hand] = [await records.seeded(), await records.seeded()];
      await records.server.setForeign(`task:${type.correlationId}`);
      await records.set(hand, { status: 'running', tick: 7 });
      expect(await records.storage.claim(type)).toMatchObject({ reason: 'no_record' });
      for (const task of [type, hand]) {
        expect(await records.storage.seed(seedOf(task))).toBe(true);
        expect(await records.read(task)).toMatchObject({ status: 'pending', tick: null });
      }
    });

    test('[I5] a record is released, although its due_at was written by hand', async () => {
      const task = await records.claimedAndClean();
      await records.set(task, { due_at: 'soon' });
      expect(await records.finding(task)).toBe('due');
      expect(await records.storage.release(await records.read(task))).toBe('publish');
      expect((await records.read(task)).dueAt).toBeGreaterThan(rowStamp);
    });

    test("is nobody's to claim, release, reopen or settle: a hash with the id of the row and no more", async () => {
      const { correlationId, ...task } = await records.seeded();
      await records.remove({ correlationId });
      await records.set({ correlationId }, { id: task.id });
      const hash = await records.server.fields(`task:${correlationId}`);
      const answer = await records.storage.claim({ correlationId, ...task });
      expect(answer).toEqual({ claimed: false, reason: 'no_record' });
      expect(await records.storage.release({ correlationId, id: task.id, dueAt: 0 })).toBe('not_due');
      await records.storage.reopen({ correlationId, id: task.id }, rowStamp);
      await records.storage.settle({ correlationId, id: task.id });
      expect(await records.server.fields(`task:${correlationId}`)).toEqual(hash);
    });
  });

  describe('a record with nothing but what makes it one', () => {
    async function bare() {
      const task = newTask();
      const fields = { id: task.id, user_id: task.userId, status: 'pending', updated_at: rowStamp };
      await records.set(task, fields);
      return task;
    }

    test('is ahead, and can be confirmed', async () => {
      const task = await bare();
      expect(await records.finding(task)).toBe('ahead');
      const sent = await records.read(task);
      expect(sent).toMatchObject({ syncedAt: 0, claim: '', attempts: 0, dueAt: 0, tick: null });
      await records.storage.confirm(sent);
      expect(await records.field(task, 'synced_at')).toBe(String(rowStamp));
    });

    test('can be claimed, handed back and released', async () => {
      const claimed = await bare();
      expect(await records.storage.claim(claimed)).toEqual(given(1));
      const held = await bare();
      await records.set(held, { claim: held.token });
      await records.storage.handBack(held, drained);
      expect(await records.read(held)).toMatchObject({ claim: '', attempts: 0 });
      const due = await bare();
      expect(await records.storage.release(await records.read(due))).toBe('publish');
      expect(await records.field(due, 'dispatches')).toBe('1');
    });

    test('[I1] is not replaced when it has ended, as nothing of it was confirmed', async () => {
      const task = await bare();
      await records.set(task, { status: 'completed' });
      expect(await records.storage.seed(seedOf(ofAnotherRow(task)))).toBe(false);
      expect(await records.read(task)).toMatchObject({ id: task.id, status: 'completed' });
    });

    test('can be settled, also without a stamp', async () => {
      const task = newTask();
      await records.set(task, { id: task.id, user_id: task.userId, status: 'pending' });
      await records.storage.settle(task);
      expect(await records.field(task, 'status')).toBe('cancelled');
      expect(await records.field(task, 'synced_at')).toBe('0');
    });

    test('can fail, and has nothing to reopen', async () => {
      const task = await bare();
      await records.storage.reopen(task, rowStamp - 5);
      expect(await records.field(task, 'synced_at')).toBeNull();
      await records.storage.fail(await records.read(task), 'bad');
      expect(await records.read(task)).toMatchObject({ status: 'error', syncedAt: 0 });
    });
  });
}
