import type { Claim } from '@tickwork/task/ports';
import type { TaskRecord } from '@tickwork/task/task';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { another, createRecords, newTask, type Records, rowStamp, seedOf } from './redis-records.ts';

const hourMs = 3_600_000;
let records: Records;
beforeAll(async () => {
  records = await createRecords();
});
afterAll(() => records.close());

async function read(task: Claim): Promise<TaskRecord> {
  const [record] = await records.storage.read([task.correlationId]);
  if (!record) throw new Error('there is no record');
  return record;
}

async function seeded(change: Parameters<typeof seedOf>[1] = {}): Promise<Claim> {
  const task = newTask();
  expect(await records.storage.seed(seedOf(task, change))).toBe(true);
  return task;
}

/** Its last write, which Supabase has, was then. */
const setStamps = (task: Claim, stamp: number) => records.set(task, { updated_at: stamp, synced_at: stamp });

/** A worker has it, and Supabase has all of it. */
async function claimedAndClean(): Promise<Claim> {
  const task = await seeded();
  await records.storage.claim(task);
  await records.storage.confirm(await read(task));
  return task;
}

async function ended(): Promise<Claim> {
  const task = await seeded();
  await records.storage.claim(task);
  await records.storage.end(task, { status: 'completed', result: '{}', error: null });
  return task;
}

const finding = async (task: Claim) => (await records.scan())[task.correlationId];
const hinted = async (task: Claim) =>
  (await records.storage.hinted(1000)).find(({ correlationId }) => correlationId === task.correlationId)
    ?.finding;

describe('seed', () => {
  test('makes a clean record, once; the record of another life that is not settled stays', async () => {
    const task = await seeded();
    expect(await records.storage.seed(seedOf(task))).toBe(false);
    expect(await records.storage.seed(seedOf({ ...task, id: newTask().id }))).toBe(false);
    expect(await finding(task)).toBeUndefined();
    expect(await hinted(task)).toBeUndefined();
  });

  test('replaces the settled record of a deleted task, and no longer expires', async () => {
    const task = await seeded();
    await records.storage.settle(task);
    expect(await records.storage.seed(seedOf({ ...task, id: newTask().id }))).toBe(true);
    expect(await records.timeToLive(task)).toBe(-1);
  });
});

describe('what the scan and the hints name', () => {
  test('ahead, until it is confirmed', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    expect([await finding(task), await hinted(task)]).toEqual(['ahead', 'ahead']);
    await records.storage.confirm(await read(task));
    expect([await finding(task), await hinted(task)]).toEqual([undefined, undefined]);
  });

  test('due, when the wait is over', async () => {
    const task = await seeded({ waitMs: 0 });
    expect([await finding(task), await hinted(task)]).toEqual(['due', 'due']);
  });

  test('due, when a clock went back and the wait is further ahead than it can have been set', async () => {
    const task = await seeded();
    await records.set(task, { due_at: '99999999999999999' });
    expect(await finding(task)).toBe('due');
  });

  test('foreign: a hash that somebody else wrote is named, other types are passed over', async () => {
    await records.redis.hset('task:foreign', { updated_at: 'abc' });
    await records.redis.set('task:text', '1');
    expect(await records.scan()).toMatchObject({ foreign: 'foreign' });
    expect(await records.scan()).not.toHaveProperty('text');
    expect(await records.storage.read(['foreign'])).toEqual([null]);
  });

  test('quiet, only where it is asked for, and only from the age on', async () => {
    const task = await claimedAndClean();
    const { updatedAt } = await read(task);
    expect((await records.scan(hourMs))[task.correlationId]).toBeUndefined();
    await setStamps(task, updatedAt - hourMs * 1000);
    expect((await records.scan(hourMs))[task.correlationId]).toBe('quiet');
    expect((await records.scan(2 * hourMs))[task.correlationId]).toBeUndefined();
    expect([await finding(task), await hinted(task)]).toEqual([undefined, undefined]);
  });

  test('quiet, when a clock went back and the stamp tells no age', async () => {
    const task = await claimedAndClean();
    const { updatedAt } = await read(task);
    await setStamps(task, updatedAt + hourMs * 1000);
    expect((await records.scan(hourMs))[task.correlationId]).toBe('quiet');
  });

  test('not quiet: what no worker has, or is ahead, due or final', async () => {
    const waiting = await seeded();
    const held = await seeded({ held: true, waitMs: 10_000 });
    const ahead = await claimedAndClean();
    await records.set(ahead, { synced_at: rowStamp - 1 });
    const due = await claimedAndClean();
    await records.set(due, { due_at: 5 });
    const final = await claimedAndClean();
    await records.set(final, { status: 'completed' });
    const all = [waiting, held, ahead, due, final];
    await Promise.all(all.map((task) => records.set(task, { updated_at: rowStamp })));
    const found = await records.scan(0);
    const named = all.map(({ correlationId }) => found[correlationId]);
    expect(named).toEqual([undefined, undefined, 'ahead', 'due', undefined]);
  });

  test('quiet, until it is settled; then the heartbeat says stop', async () => {
    const task = await claimedAndClean();
    expect((await records.scan(0))[task.correlationId]).toBe('quiet');
    expect(await records.storage.heartbeat(task)).toBe('written');
    await records.storage.settle(task);
    expect((await records.scan(0))[task.correlationId]).toBeUndefined();
    expect(await records.storage.heartbeat(task)).toBe('stop');
  });

  test('a hint whose record is gone is dropped', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    await records.redis.del(`task:${task.correlationId}`);
    expect(await hinted(task)).toBeUndefined();
    expect(await records.redis.zscore('tasks:ahead', task.correlationId)).toBeNull();
  });
});

describe('confirm', () => {
  test('counts only for the stamp and status that the record has reached', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    const sent = await read(task);
    await records.storage.confirm({ ...sent, updatedAt: sent.updatedAt + 5 });
    await records.storage.confirm({ ...sent, status: 'completed' });
    await records.storage.confirm({ ...sent, id: newTask().id });
    expect(await finding(task)).toBe('ahead');
  });

  test('keeps what came meanwhile ahead', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    const sent = await read(task);
    await records.storage.report(task, { status: 'started', tick: null, result: null });
    await records.storage.confirm(sent);
    expect((await read(task)).syncedAt).toBe(sent.updatedAt);
    expect(await finding(task)).toBe('ahead');
  });

  test('lets a final record expire, and no other', async () => {
    const task = await ended();
    expect(await records.timeToLive(task)).toBe(-1);
    await records.storage.confirm(await read(task));
    expect(await records.timeToLive(task)).toBeGreaterThan(60);
  });
});

describe('settle, rebase, fail, reopen', () => {
  test('settle ends a record of its own row only, whatever its stamp', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    await records.storage.settle({ ...task, id: newTask().id });
    expect(await finding(task)).toBe('ahead');
    await records.storage.settle(task);
    expect(await finding(task)).toBeUndefined();
    expect((await read(task)).status).toBe('cancelled');
    expect(await records.storage.report(task, { status: 'started', tick: null, result: null })).toBe('stop');
  });

  test("rebase goes past the row's stamp, only while the record is what was sent", async () => {
    const task = await seeded();
    await records.storage.claim(task);
    const sent = await read(task);
    await records.storage.rebase({ ...sent, updatedAt: sent.updatedAt - 1 }, sent.updatedAt + 10);
    expect((await read(task)).updatedAt).toBe(sent.updatedAt);
    await records.storage.rebase(sent, sent.updatedAt + 10);
    expect(await read(task)).toMatchObject({ updatedAt: sent.updatedAt + 11, syncedAt: sent.updatedAt + 10 });
  });

  test('fail rewrites what cannot be stored, also a final status, and only what was sent', async () => {
    const task = await ended();
    const sent = await read(task);
    await records.storage.fail({ ...sent, updatedAt: 1 }, 'bad');
    expect((await read(task)).status).toBe('completed');
    await records.storage.fail(sent, 'bad');
    expect(await read(task)).toMatchObject({ status: 'error', error: 'bad', result: null, claim: '' });
  });

  test('reopen makes a confirmed record ahead of a restored row again, and lasting', async () => {
    const task = await ended();
    const sent = await read(task);
    await records.storage.confirm(sent);
    await records.storage.reopen(task, rowStamp);
    expect(await finding(task)).toBe('ahead');
    expect(await records.timeToLive(task)).toBe(-1);
    expect((await read(task)).syncedAt).toBe(rowStamp);
  });
});

describe('release', () => {
  test('says publish to one of two, and takes the claim from whoever had the task', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    await records.set(task, { due_at: 5 });
    const seen = await read(task);
    const answers = await Promise.all([records.storage.release(seen), records.storage.release(seen)]);
    expect(answers.sort()).toEqual(['not_due', 'publish']);
    expect((await read(task)).claim).toBe('');
  });

  test('leaves a live claim, and a record whose due_at is not the one that was seen', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    expect(await records.storage.release(await read(task))).toBe('not_due');
    await records.set(task, { due_at: 5 });
    expect(await records.storage.release({ ...task, dueAt: 6 })).toBe('not_due');
  });

  test('doubles the wait each time, so that a backlog makes no storm', async () => {
    const task = await seeded({ waitMs: 0 });
    const waits: number[] = [];
    for (const _ of [1, 2, 3]) {
      await records.storage.release(await read(task));
      const [seconds] = await records.redis.time();
      waits.push(Math.round(((await read(task)).dueAt / 1e6 - Number(seconds)) / 60));
      await records.set(task, { due_at: 5 });
    }
    expect(waits).toEqual([5, 10, 20]);
  });

  test('after the last attempt the task ends in error: no ghosts', async () => {
    const task = await seeded();
    await records.storage.claim(task);
    await records.set(task, { due_at: 5 });
    await records.storage.claim(another(task));
    await records.set(task, { due_at: 5 });
    expect(await records.storage.release(await read(task))).toBe('ended');
    expect(await read(task)).toMatchObject({ status: 'error', error: expect.stringContaining('2 attempts') });
    expect(await finding(task)).toBe('ahead');
  });
});
