import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createDependencyEvents, measureDependencies, timeCalls } from './dependency-calls.ts';

class Storage {
  readonly #name = 'storage';
  async read(id: string, _signal?: AbortSignal): Promise<string> {
    if (id === 'bad') throw new Error('no');
    return `${this.#name} ${id}`;
  }
  isReady(): boolean {
    return this.#name === 'storage';
  }
}

/** A storage whose calls take 20 ms by the clock, and what was told of them. */
function timed() {
  let now = 0;
  const events = createDependencyEvents();
  const told: unknown[] = [];
  events.on('called', (call) => told.push(call));
  const storage = timeCalls(new Storage(), {
    dependency: 'redis',
    operations: { read: 'read_it' },
    judge: (_error, signals) => (signals.some(({ aborted }) => aborted) ? 'given_up' : 'refused'),
    events,
    clock: { now: () => (now += 20) },
  });
  return { storage, told };
}

test('a call is told with its time and what became of it, and answers or fails as before', async () => {
  const { storage, told } = timed();
  const call = { dependency: 'redis', operation: 'read_it', seconds: 0.02 };
  expect(await storage.read('one')).toBe('storage one');
  await expect(storage.read('bad')).rejects.toThrow('no');
  await expect(storage.read('bad', AbortSignal.abort())).rejects.toThrow('no');
  expect(told).toEqual([
    { ...call, outcome: 'ok' },
    { ...call, outcome: 'refused' },
    { ...call, outcome: 'given_up' },
  ]);
});

test('a method that is no operation is called as it is', () => {
  const { storage, told } = timed();
  expect(storage.isReady()).toBe(true);
  expect(told).toEqual([]);
});

test('what each dependency is asked for is there as failed, with 0 calls, before the first; nothing else is', async () => {
  const registry = new Registry();
  const operations = { redis: ['read', 'seed'], supabase: ['find'] };
  measureDependencies(createDependencyEvents(), registry, operations);
  const counts = [
    ...(await registry.metrics()).matchAll(
      /^tickwork_dependency_call_duration_seconds_count\{(.*)\} (.*)$/gm,
    ),
  ].map(([, labels, count]) => [labels, count]);
  expect(counts).toEqual([
    ['dependency="redis",operation="read",outcome="failed"', '0'],
    ['dependency="redis",operation="seed",outcome="failed"', '0'],
    ['dependency="supabase",operation="find",outcome="failed"', '0'],
  ]);
});

test('calls by operation, and connections as they are when they are asked for', async () => {
  const registry = new Registry();
  const events = createDependencyEvents();
  const { watchConnections } = measureDependencies(events, registry, { redis: ['read'] });
  events.emit('called', { dependency: 'redis', operation: 'read', outcome: 'ok', seconds: 0.004 });
  const labels = 'dependency="redis",operation="read",outcome="ok"';
  expect(await registry.metrics()).toContain(
    `tickwork_dependency_call_duration_seconds_bucket{le="0.005",${labels}} 1`,
  );
  const connected = async () =>
    [...(await registry.metrics()).matchAll(/^tickwork_dependency_connected\{.*\} (\d)$/gm)].map(
      ([, value]) => value,
    );
  expect(await connected()).toEqual(['0', '0']);
  let isReady = true;
  watchConnections({ redis: () => isReady, rabbitmq: () => false });
  expect(await connected()).toEqual(['1', '0']);
  isReady = false;
  expect(await connected()).toEqual(['0', '0']);
});
