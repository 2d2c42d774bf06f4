import type { Claim, Progress } from '@tickwork/task/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { another, createRecords, newTask, type Records, rowStamp, seedOf } from './redis-records.ts';

let records: Records;
beforeAll(async () => {
  records = await createRecords();
});
afterAll(() => records.close());

const tick = (number: number): Progress => ({
  status: 'in_progress',
  tick: number,
  result: '{"notes":"on the way"}',
});
const completed = { status: 'completed', result: '{"success":true}', error: null } as const;

async function claimed(): Promise<Claim> {
  const task = newTask();
  await records.storage.seed(seedOf(task));
  expect(await records.storage.claim(task)).toEqual({ claimed: true, attempt: 1 });
  return task;
}

const isAhead = async (task: Claim) => (await records.scan())[task.correlationId] === 'ahead';

describe('a claim', () => {
  test('never makes a record', async () => {
    const task = newTask();
    expect(await records.storage.claim(task)).toEqual({ claimed: false, reason: 'no_record' });
    expect(await records.field(task, 'status')).toBeNull();
  });

  test('is for the row that the message names', async () => {
    const task = newTask();
    await records.storage.seed(seedOf(task));
    const other = { ...task, id: newTask().id };
    expect(await records.storage.claim(other)).toMatchObject({ reason: 'no_record' });
  });

  test('counts one attempt, moves the stamp, and gives the same answer twice', async () => {
    const task = await claimed();
    expect(await records.storage.claim(task)).toEqual({ claimed: true, attempt: 1 });
    expect(await records.field(task, 'attempts')).toBe('1');
    expect(Number(await records.field(task, 'updated_at'))).toBeGreaterThan(rowStamp);
    expect(await isAhead(task)).toBe(true);
  });

  test('keeps everybody else out until it has run out', async () => {
    const task = await claimed();
    expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'taken' });
    await records.set(task, { due_at: 5 });
    expect(await records.storage.claim(another(task))).toEqual({ claimed: true, attempt: 2 });
  });

  test('that is further ahead than it can have been set has run out: the clock is another', async () => {
    const task = await claimed();
    await records.set(task, { due_at: '99999999999999999' });
    expect(await records.storage.claim(another(task))).toEqual({ claimed: true, attempt: 2 });
  });

  test('is refused after the last attempt, and for a task that ended', async () => {
    const task = await claimed();
    await records.set(task, { due_at: 5, attempts: 2 });
    expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'no_attempt_left' });
    await records.set(task, { status: 'cancelled' });
    expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'ended' });
  });
});

describe('a report', () => {
  test('is written with its tick and notes, and extends the claim', async () => {
    const task = await claimed();
    await records.set(task, { due_at: 5 });
    expect(await records.storage.report(task, tick(3))).toBe('written');
    const [record] = await records.storage.read([task.correlationId]);
    expect(record).toMatchObject({ status: 'in_progress', tick: 3, result: '{"notes":"on the way"}' });
    expect(record?.dueAt).toBeGreaterThan(5);
  });

  test('of a worker that was taken over changes nothing and tells it to stop', async () => {
    const task = await claimed();
    await records.set(task, { due_at: 5 });
    await records.storage.claim(another(task));
    const before = await records.storage.read([task.correlationId]);
    expect(await records.storage.report(task, tick(9))).toBe('stop');
    expect(await records.storage.end(task, completed)).toBe('stop');
    expect(await records.storage.heartbeat(task)).toBe('stop');
    expect(await records.storage.read([task.correlationId])).toEqual(before);
  });

  test('that ends the task may come twice; nothing follows it', async () => {
    const task = await claimed();
    expect(await records.storage.end(task, completed)).toBe('written');
    expect(await records.storage.end(task, completed)).toBe('written');
    expect(await records.storage.report(task, tick(9))).toBe('stop');
    expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'ended' });
    expect(await records.field(task, 'tick')).toBeNull();
  });

  test('a stamp always passes the last one, also when the clock lags behind it', async () => {
    const task = await claimed();
    const future = 4_000_000_000_000_000;
    await records.set(task, { updated_at: future });
    await records.storage.report(task, tick(1));
    expect(Number(await records.field(task, 'updated_at'))).toBe(future + 1);
  });
});

describe('after FLUSHALL', () => {
  test('a worker within its claim goes on, past the last stamp it was told', async () => {
    const task = await claimed();
    await records.storage.report(task, tick(4));
    const last = Number(await records.field(task, 'updated_at'));
    await records.redis.del(`task:${task.correlationId}`);
    expect(await records.storage.heartbeat(task)).toBe('written');
    const [record] = await records.storage.read([task.correlationId]);
    expect(record).toMatchObject({
      status: 'in_progress',
      tick: 4,
      attempts: 1,
      claim: task.token,
      syncedAt: 0,
    });
    expect(record?.updatedAt).toBeGreaterThan(last);
  });

  test('also when repair was first: what it put back is held for the worker that runs', async () => {
    const task = await claimed();
    await records.redis.del(`task:${task.correlationId}`);
    await records.storage.seed(seedOf(task, { held: true, status: 'accepted' }));
    expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'taken' });
    expect(await records.storage.end(task, completed)).toBe('written');
    expect(await isAhead(task)).toBe(true);
  });

  test('a worker whose claim has run out stops: another may have had the task since', async () => {
    const task = await claimed();
    await records.set(task, { due_at: 5 });
    await records.storage.claim(another(task));
    await records.redis.del(`task:${task.correlationId}`);
    await records.storage.seed(seedOf(task));
    await records.storage.claim(another(task));
    expect(await records.storage.report(task, tick(9))).toBe('stop');
  });
});

test('a worker that hands back leaves the task due, its attempt not counted', async () => {
  const task = await claimed();
  await records.storage.confirm((await records.storage.read([task.correlationId]))[0] ?? fail());
  await records.storage.handBack(task, 0);
  expect((await records.scan())[task.correlationId]).toBe('due');
  expect(await records.field(task, 'attempts')).toBe('0');
  expect(await records.storage.report(task, tick(9))).toBe('stop');
  expect(await records.storage.claim(another(task))).toEqual({ claimed: true, attempt: 1 });
});

function fail(): never {
  throw new Error('there is no record');
}
