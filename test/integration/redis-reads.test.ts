import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTask, seedOf } from '../conformance/records-tasks.ts';
import { connectToOwnRedis } from './redis-records.ts';

let own: Awaited<ReturnType<typeof connectToOwnRedis>>;
let storage: RedisTaskStorage;
beforeAll(async () => {
  own = await connectToOwnRedis();
  storage = new RedisTaskStorage(own.redis);
});
afterAll(() => own.close());

test('an owner gets the own records, and of another’s none', async () => {
  const [mine, theirs] = [newTask(), newTask()];
  for (const task of [mine, theirs]) await storage.seed(seedOf(task));
  const read = await storage.read(
    [theirs.correlationId, mine.correlationId, newTask().correlationId],
    mine.userId,
  );
  expect(read).toEqual([null, expect.objectContaining({ id: mine.id, userId: mine.userId }), null]);
});

test('what another’s record holds does not leave Redis', async () => {
  const task = newTask();
  await storage.seed(seedOf(task));
  await own.redis.hset(`task:${task.correlationId}`, { result: 'r'.repeat(1_000_000) });
  const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await own.redis.info('stats'))?.[1]);
  const before = await sent();
  expect(await storage.read([task.correlationId], newTask().userId)).toEqual([null]);
  expect((await sent()) - before).toBeLessThan(100_000);
  expect(await storage.read([task.correlationId], task.userId)).toEqual([
    expect.objectContaining({ result: expect.stringMatching(/^r{1000}/) }),
  ]);
});
