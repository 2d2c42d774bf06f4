import { randomUUID } from 'node:crypto';
import { createRedisClient } from '@tickwork/runtime/redis/client';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { ScanStep } from '@tickwork/task/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newTask, rowStamp, seedOf } from '../conformance/records-tasks.ts';
import { createRedis } from '../stack/redis.ts';
import { waitFor } from '../stack/wait-for.ts';

let server: Awaited<ReturnType<typeof createRedis>>;
let redis: ReturnType<typeof createRedisClient>;
let storage: RedisTaskStorage;
beforeAll(async () => {
  server = await createRedis();
  redis = createRedisClient({
    url: server.url,
    connectionName: 'test',
    commandTimeoutMs: 5000,
    onError: () => {},
  });
  storage = new RedisTaskStorage(redis, { scanCount: 20 });
  await isReady();
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(() => redis.flushall());

const isReady = () => waitFor('Redis to be reached', () => redis.status === 'ready');

/** Records by the thousand, all ahead. */
async function write(ids: readonly string[]): Promise<void> {
  const pipeline = redis.pipeline();
  const record = { id: 'i', user_id: 'u', status: 'started', updated_at: 2, synced_at: 1 };
  for (const id of ids) pipeline.hset(`task:${id}`, record);
  await pipeline.exec();
}

async function remove(ids: readonly string[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.del(`task:${id}`);
  await pipeline.exec();
}

const many = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Walks from `cursor` to the end; `between` runs after each step. */
async function walk(
  cursor = '0',
  between: (step: ScanStep, index: number) => Promise<void> = async () => {},
) {
  const seen = new Set<string>();
  const steps: ScanStep[] = [];
  do {
    const step = await storage.scanStep(cursor);
    for (const { correlationId } of step.found) seen.add(correlationId);
    await between(step, steps.length);
    steps.push(step);
    cursor = step.cursor;
  } while (cursor !== '0');
  return { seen, steps };
}

/** Redis grows its table at once and shrinks it a little at a time: what was there throughout is seen either way. */
describe('a walk sees every key that was there throughout', () => {
  test('while the keyspace grows twentyfold', async () => {
    const there = many(1000);
    await write(there);
    const { seen } = await walk('0', async (_, index) => {
      if (index % 3 === 0 && index < 60) await write(many(1000));
    });
    expect(there.filter((id) => !seen.has(id))).toEqual([]);
  });

  test('while the keyspace shrinks to a twentieth', async () => {
    const there = many(1000);
    const others = Array.from({ length: 20 }, () => many(1000));
    await write(there);
    for (const ids of others) await write(ids);
    const { seen } = await walk('0', async (_, index) => {
      const ids = others[index / 3];
      if (ids) await remove(ids);
    });
    expect(there.filter((id) => !seen.has(id))).toEqual([]);
  });
});

test('a step is bounded, however many keys there are', async () => {
  await write(many(5000));
  const { steps } = await walk();
  // SCAN may go over its count by the keys that share a bucket.
  expect(Math.max(...steps.map(({ found }) => found.length))).toBeLessThan(60);
});

test('after a failover in its middle the walk begins anew, and sees all: another server has its keys elsewhere', async () => {
  const there = many(2000);
  await write(there);
  const first = await storage.scanStep('0');
  const middle = await storage.scanStep(first.cursor);
  expect(middle).toMatchObject({ begunAnew: false });
  await server.stop();
  await server.start();
  await isReady();
  const { seen, steps } = await walk(middle.cursor);
  expect(steps.map(({ begunAnew }) => begunAnew).indexOf(true)).toBe(0);
  expect(steps.filter(({ begunAnew }) => begunAnew)).toHaveLength(1);
  expect(there.filter((id) => !seen.has(id))).toEqual([]);
});

/** What stands under the records' prefix and is no record of ours. */
const foreign: Record<string, () => Promise<unknown>> = {
  'a text': () => redis.set('task:x', '1'),
  'a list': () => redis.rpush('task:x', '1'),
  'a set': () => redis.sadd('task:x', '1'),
  'a sorted set': () => redis.zadd('task:x', 1, '1'),
  'a stream': () => redis.xadd('task:x', '*', 'id', '1'),
  'another hash': () => redis.hset('task:x', { name: 'value' }),
  'a hash without id': () => byHand({ id: '' }),
  'a hash without user_id': () => byHand({ user_id: '' }),
  'a hash with a status that there is not': () => byHand({ status: 'running' }),
  'a hash without a stamp': () => byHand({ updated_at: '' }),
  'a hash with a stamp in words': () => byHand({ updated_at: 'now' }),
  'a hash with a broken stamp': () => byHand({ updated_at: '1.5' }),
  'a hash with a stamp that Lua alone can read': () => byHand({ updated_at: '1e3' }),
  'a hash with a stamp that no double holds': () => byHand({ updated_at: '9999999999999999' }),
  'a hash with a broken confirmed stamp': () => byHand({ synced_at: '-1' }),
};
const byHand = (change: Record<string, string>) =>
  redis.hset('task:x', {
    ...{ id: 'i', user_id: 'u', status: 'pending', updated_at: '2', synced_at: '1', claim: '', due_at: '1' },
    ...change,
  });

describe.each(Object.keys(foreign))('%s under the prefix', (kind) => {
  beforeEach(async () => {
    await foreign[kind]?.();
  });

  test('is named by the scan, dropped from the hints and read as no record; what is beside it is found', async () => {
    const task = newTask();
    await storage.seed(seedOf(task, { waitMs: 0 }));
    await redis.zadd('tasks:ahead', 1, 'x');
    await redis.zadd('tasks:due', 1, 'x');
    const { found } = await storage.scanStep('0');
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ correlationId: 'x', finding: 'foreign' });
    expect(found).toContainEqual({ correlationId: task.correlationId, finding: 'due' });
    expect(await storage.hinted(10)).toEqual([{ correlationId: task.correlationId, finding: 'due' }]);
    expect(await redis.zcount('tasks:ahead', '-inf', 'inf')).toBe(0);
    expect(await storage.read(['x', task.correlationId])).toMatchObject([null, { id: task.id }]);
  });

  test('is no hindrance to a task of that name: a seed takes its place, and a claim before it meets no record', async () => {
    const task = { ...newTask(), correlationId: 'x' };
    expect(await storage.claim(task)).toMatchObject({ claimed: false });
    expect(await storage.seed(seedOf(task))).toBe(true);
    expect(await storage.read(['x'])).toMatchObject([
      { id: task.id, updatedAt: rowStamp, syncedAt: rowStamp },
    ]);
    expect(await storage.claim(task)).toMatchObject({ claimed: true });
  });
});

test.each(['soon', ''])(
  'a record whose wait reads "%s" is due, and is released like another',
  async (dueAt) => {
    const task = newTask();
    await storage.seed(seedOf(task));
    await redis.hset(`task:${task.correlationId}`, { due_at: dueAt });
    expect(await storage.scanStep('0')).toMatchObject({ found: [{ finding: 'due' }] });
    const [record] = await storage.read([task.correlationId]);
    expect(record?.dueAt).toBe(0);
    expect(record && (await storage.release(record))).toBe('publish');
    expect(await storage.scanStep('0')).toMatchObject({ found: [] });
  },
);
