import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { expect, test } from 'vitest';
import { completed, drained, newTask, rowStamp, seedOf } from '../../conformance/records-tasks.ts';
import { createMemoryRedis } from './redis.ts';

/** A server on a clock that stands until it is moved, with an ended and confirmed task. */
async function createEnded() {
  const clock = { now: rowStamp };
  const redis = createMemoryRedis({ now: () => clock.now });
  const storage = new RedisTaskStorage(redis.commands);
  const task = newTask();
  const key = `task:${task.correlationId}`;
  await storage.seed(seedOf(task));
  await storage.claim(task);
  await storage.end(task, completed);
  const [sent] = await storage.read([task.correlationId]);
  if (sent) await storage.confirm(sent);
  return { clock, redis, storage, task, key };
}

test("what has expired by the server's clock is gone, for whoever asks", async () => {
  const { clock, redis, storage, task, key } = await createEnded();
  clock.now += 3599 * 1_000_000;
  expect(await storage.read([task.correlationId])).not.toEqual([null]);
  expect(redis.timeToLive(key)).toBe(1);
  clock.now += 1_000_000;
  redis.expireDue();
  expect(redis.records().has(key)).toBe(false);
  expect(await storage.read([task.correlationId])).toEqual([null]);
});

test('a failover brings back what was copied, whatever was written since, and closes the connections', async () => {
  const { redis, storage, task, key } = await createEnded();
  let closed = 0;
  redis.commands.on('close', () => {
    closed += 1;
  });
  const copy = redis.snapshot();
  redis.set(key, { status: 'cancelled' });
  await storage.seed(seedOf(newTask()));
  redis.restore(copy);
  expect([...redis.records().keys()]).toEqual([key]);
  expect(redis.records().get(key)?.get('status')).toBe('completed');
  expect(redis.timeToLive(key)).toBe(3600);
  expect(closed).toBe(1);
  redis.remove(key);
  redis.restore(copy); // it is as it was, also after what came of it
  expect(await storage.read([task.correlationId])).not.toEqual([null]);
});

test('nobody hears a channel after the end of a subscription', async () => {
  const { redis, storage } = await createEnded();
  const heard: string[] = [];
  const unsubscribe = redis.subscribe((channel) => heard.push(channel));
  const task = newTask();
  await storage.seed(seedOf(task));
  await storage.claim(task);
  unsubscribe();
  await storage.handBack(task, drained);
  expect(heard).toEqual(['tasks:ahead']);
});
