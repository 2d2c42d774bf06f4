import { expect, test } from 'vitest';
import { createCheckHealth, type HealthDependencies } from './check-health.ts';
import { TaskError } from './errors.ts';

const answers = async () => 'PONG';
const away = () => Promise.reject(new Error('away'));
const hangs = () => new Promise(() => {});
const all = { supabase: answers, redis: answers, rabbitmq: answers };
const none = { ready: async () => 0, unfinished: async () => 0, deadLetters: async () => 0 };
const check = (probes: Partial<HealthDependencies['probes']>) =>
  createCheckHealth({ timeoutMs: 20, probes: { ...all, ...probes }, backlog: none })();

const up = { up: true, latency_ms: expect.any(Number) };
const down = { up: false, latency_ms: expect.any(Number) };

test.each([
  ['all are up', {}, { healthy: true, status: 'ok', supabase: up, redis: up, rabbitmq: up }],
  ['Redis is away', { redis: away }, { healthy: true, status: 'degraded', supabase: up, redis: down }],
  ['RabbitMQ hangs', { rabbitmq: hangs }, { healthy: true, status: 'degraded', redis: up, rabbitmq: down }],
  ['Supabase hangs', { supabase: hangs }, { healthy: false, status: 'degraded', supabase: down, redis: up }],
])('%s', async (_name, probes, health) => {
  expect(await check(probes)).toMatchObject(health);
});

test('why a dependency is down is told only in words of ours', async () => {
  const supabase = () => Promise.reject(new TaskError('schema_missing'));
  const redis = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:6379'));
  expect(await check({ supabase, redis })).toMatchObject({
    supabase: { reason: expect.stringContaining('supabase/schema.sql') },
    redis: { reason: 'It did not answer' },
  });
});

test('a probe is told when its time is over', async () => {
  const told = Promise.withResolvers<boolean>();
  const supabase = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => told.resolve(true));
    return hangs();
  };
  await check({ supabase });
  expect(await told.promise).toBe(true);
});

test('the backlog is counted where it can be', async () => {
  const backlog = { ready: async () => 7, unfinished: away, deadLetters: async () => 1 };
  const health = await createCheckHealth({ timeoutMs: 20, probes: all, backlog })();
  expect(health.backlog).toEqual({ ready: 7, unfinished: null, dead_letters: 1 });
  const hanging = { ready: () => new Promise<never>(() => {}), unfinished: async () => 3, deadLetters: away };
  const late = await createCheckHealth({ timeoutMs: 20, probes: all, backlog: hanging })();
  expect(late.backlog).toEqual({ ready: null, unfinished: 3, dead_letters: null });
});

test('however many ask at once, each dependency is asked once', async () => {
  let asked = 0;
  const redis = async () => {
    asked += 1;
  };
  const health = createCheckHealth({ timeoutMs: 20, probes: { ...all, redis }, backlog: none });
  await Promise.all([health(), health(), health()]);
  expect(asked).toBe(1);
  await health();
  expect(asked).toBe(2);
});
