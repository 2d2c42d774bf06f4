import {
  type Subscription,
  subscribeToChanges,
  subscribeToSettled,
} from '@tickwork/runtime/redis/hint-subscription';
import { createWorkerPresence } from '@tickwork/runtime/redis/worker-presence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { createRecords, newTask, type Records, seedOf } from './redis-records.ts';

let records: Records;
beforeAll(async () => {
  records = await createRecords();
});
afterAll(() => records.close());

test('who listens is told of each record that is settled, and of nothing else', async () => {
  const heard: (string | null)[] = [];
  const subscription: Subscription = subscribeToSettled(records.redis, '', (id) => heard.push(id));
  // That it listens now, so something may have been missed.
  await waitFor('the subscription', () => heard.length === 1);
  const [one, two, settled] = [newTask(), newTask(), newTask()];
  for (const task of [one, two, settled]) await records.storage.seed(seedOf(task));
  await records.storage.claim(one);
  await records.storage.settle({ ...two, id: newTask().id });
  await records.storage.settle(settled);
  await waitFor('the message', () => heard.length === 2);
  expect(heard).toEqual([null, settled.correlationId]);
  subscription.close();
});

test('who shows tasks is told once of each change that a reader would see, settling too', async () => {
  const heard: (string | null)[] = [];
  const subscription = subscribeToChanges(records.redis, '', (id) => heard.push(id));
  await waitFor('the subscription', () => heard.length === 1);
  const [seeded, claimed, settled] = [newTask(), newTask(), newTask()];
  for (const task of [seeded, claimed, settled]) await records.storage.seed(seedOf(task));
  await records.storage.claim(claimed);
  await records.storage.report(claimed, { status: 'started', tick: null, result: null });
  await records.storage.heartbeat(claimed);
  await records.storage.settle(settled);
  await waitFor('the messages', () => heard.length === 4);
  expect(heard).toEqual([null, claimed.correlationId, claimed.correlationId, settled.correlationId]);
  subscription.close();
});

test('after a lost connection who listens is told that something may have been missed', async () => {
  const heard: (string | null)[] = [];
  const subscription = subscribeToSettled(records.redis, '', (id) => heard.push(id));
  await waitFor('the subscription', () => heard.length === 1);
  await records.redis.client('KILL', 'TYPE', 'PUBSUB');
  await waitFor('the subscription to be there again', () => heard.length === 2);
  expect(heard).toEqual([null, null]);
  subscription.close();
});

test('a worker counts from its announcement until it leaves', async () => {
  const presence = createWorkerPresence(records.redis, 'a:');
  const [one, two] = [
    { id: 'one', version: '1.0.0' },
    { id: 'two', version: '1.0.1' },
  ];
  expect(await presence.alive()).toEqual([]);
  for (const worker of [one, one, two]) await presence.announce(worker);
  expect(await presence.alive()).toEqual([one, two]);
  expect(await createWorkerPresence(records.redis, 'b:').alive()).toEqual([]);
  await presence.leave(one);
  expect(await presence.alive()).toEqual([two]);
});

test('a worker that says nothing any more, or seems to have said it in the future, does not count', async () => {
  const presence = createWorkerPresence(records.redis, 'c:');
  const [seconds] = await records.redis.time();
  const now = Number(seconds) * 1_000_000;
  const add = (until: number, worker: string) => records.redis.zadd('c:workers', String(until), worker);
  await add(now - 1, 'past 1');
  await add(now + 60_000_000, 'future 1');
  await add(now + 10_000_000, 'now 1');
  expect(await presence.alive()).toEqual([{ id: 'now', version: '1' }]);
  await presence.announce({ id: 'other', version: '1' });
  expect(await records.redis.zrange('c:workers', '0', '-1')).not.toContain('past 1');
});
