import {
  type Subscription,
  subscribeToChanges,
  subscribeToSettled,
} from '@tickwork/runtime/redis/hint-subscription';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createWorkerPresence } from '@tickwork/runtime/redis/worker-presence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTask, seedOf } from '../conformance/records-tasks.ts';
import { waitFor } from '../stack/wait-for.ts';
import { connectToOwnRedis } from './redis-records.ts';

let own: Awaited<ReturnType<typeof connectToOwnRedis>>;
let redis: (typeof own)['redis'];
let storage: RedisTaskStorage;
beforeAll(async () => {
  own = await connectToOwnRedis();
  redis = own.redis;
  storage = new RedisTaskStorage(redis);
});
afterAll(() => own.close());

test('who listens is told of each record that is settled, and of nothing else', async () => {
  const heard: (string | null)[] = [];
  const subscription: Subscription = subscribeToSettled(redis, '', (id) => heard.push(id));
  // That it listens now, so something may have been missed.
  await waitFor('the subscription', () => heard.length === 1);
  const [one, two, settled] = [newTask(), newTask(), newTask()];
  for (const task of [one, two, settled]) await storage.seed(seedOf(task));
  await storage.claim(one);
  await storage.settle({ ...two, id: newTask().id });
  await storage.settle(settled);
  await waitFor('the message', () => heard.length === 2);
  expect(heard).toEqual([null, settled.correlationId]);
  subscription.close();
});

test('who shows tasks is told of each record that is ahead or settled', async () => {
  const heard: (string | null)[] = [];
  const subscription = subscribeToChanges(redis, '', (id) => heard.push(id));
  await waitFor('the subscription', () => heard.length === 1);
  const [seeded, claimed, settled] = [newTask(), newTask(), newTask()];
  for (const task of [seeded, claimed, settled]) await storage.seed(seedOf(task));
  await storage.claim(claimed);
  await storage.settle(settled);
  await waitFor('the messages', () => heard.length === 3);
  expect(heard).toEqual([null, claimed.correlationId, settled.correlationId]);
  subscription.close();
});

test('after a lost connection who listens is told that something may have been missed', async () => {
  const heard: (string | null)[] = [];
  const subscription = subscribeToSettled(redis, '', (id) => heard.push(id));
  await waitFor('the subscription', () => heard.length === 1);
  await redis.client('KILL', 'TYPE', 'PUBSUB');
  await waitFor('the subscription to be there again', () => heard.length === 2);
  expect(heard).toEqual([null, null]);
  subscription.close();
});

test('a worker counts from its announcement until it leaves', async () => {
  const presence = createWorkerPresence(redis, 'a:');
  const [one, two] = [
    { id: 'one', version: '1.0.0' },
    { id: 'two', version: '1.0.1' },
  ];
  expect(await presence.alive()).toEqual([]);
  for (const worker of [one, one, two]) await presence.announce(worker);
  expect(await presence.alive()).toEqual([one, two]);
  expect(await createWorkerPresence(redis, 'b:').alive()).toEqual([]);
  await presence.leave(one);
  expect(await presence.alive()).toEqual([two]);
});

test('a worker that says nothing any more, or seems to have said it in the future, does not count', async () => {
  const presence = createWorkerPresence(redis, 'c:');
  const [seconds] = await redis.time();
  const now = Number(seconds) * 1_000_000;
  const add = (until: number, worker: string) => redis.zadd('c:workers', String(until), worker);
  await add(now - 1, 'past 1');
  await add(now + 60_000_000, 'future 1');
  await add(now + 10_000_000, 'now 1');
  expect(await presence.alive()).toEqual([{ id: 'now', version: '1' }]);
  await presence.announce({ id: 'other', version: '1' });
  expect(await redis.zrange('c:workers', '0', '-1')).not.toContain('past 1');
});
