import { expect, test } from 'vitest';
import { loadWorkerConfig } from './config.ts';

const good = { REDIS_URL: 'redis://localhost:6379', RABBITMQ_URL: 'amqp://worker:worker@localhost' };

test('the defaults', () => {
  expect(loadWorkerConfig({ ...good, CONCURRENCY: '' })).toEqual({
    ...good,
    RABBITMQ_QUEUE: 'tickwork.tasks',
    AGENT: 'demo',
    CONCURRENCY: 4,
    CLAIM_MS: 15_000,
    MAX_ATTEMPTS: 3,
    TASK_TIMEOUT_MS: 86_400_000,
    TICK_TIMEOUT_MS: 600_000,
    RESULT_LIMIT_BYTES: 1_048_576,
    ADMIN_HOST: '0.0.0.0',
    ADMIN_PORT: 9464,
  });
});

test.each([
  [{ REDIS_URL: undefined }, 'REDIS_URL must be a URL that starts with redis://'],
  [{ RABBITMQ_URL: 'http://localhost' }, 'RABBITMQ_URL must be a URL that starts with amqp:// or amqps://'],
  [{ RABBITMQ_URL: 'amqp://[localhost' }, 'RABBITMQ_URL must be a URL'],
  [{ CONCURRENCY: '0' }, 'CONCURRENCY must be an integer from 1 to 100'],
  [{ CONCURRENCY: '101' }, 'CONCURRENCY must be'],
  [{ CLAIM_MS: '10s' }, 'CLAIM_MS must be an integer'],
  [{ TASK_TIMEOUT_MS: '604800001' }, 'TASK_TIMEOUT_MS must be an integer from 1000 to 604800000'],
  [{ TICK_TIMEOUT_MS: '0' }, 'TICK_TIMEOUT_MS must be an integer from 1000 to 86400000'],
  [{ RESULT_LIMIT_BYTES: '1048577' }, 'RESULT_LIMIT_BYTES must be an integer from 1024 to 1048576'],
  [{ REDIS_KEY_PREFIX: 'a?' }, 'REDIS_KEY_PREFIX may hold'],
  [
    { SUPABASE_URL: 'https://x.supabase.co' },
    'SUPABASE_URL must not be set: a worker has no access to Supabase',
  ],
  [{ SUPABASE_SERVICE_ROLE_KEY: '' }, 'SUPABASE_SERVICE_ROLE_KEY must not be set'],
])('%o is refused', (change, message) => {
  expect(() => loadWorkerConfig({ ...good, ...change })).toThrow(message);
});
