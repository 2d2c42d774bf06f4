import { expect, test } from 'vitest';
import { readUserEnv } from './environment.ts';
import { serviceEnvironments } from './services.ts';

const supabase = {
  SUPABASE_URL: 'https://project.example.com',
  SUPABASE_ANON_KEY: 'key',
  SUPABASE_RECONCILER_TOKEN: 'token',
};

test('nothing set: nothing is the user’s', () => {
  expect(readUserEnv({ PATH: '/bin', REDIS_URL: '' }, {})).toEqual({});
});

test('what make up made and the user sourced is not the user’s; what they changed since is', () => {
  const made = { ...supabase, REDIS_URL: 'redis://127.0.0.1:1' };
  expect(readUserEnv({ ...made, REDIS_URL: 'redis://127.0.0.1:2' }, made)).toEqual({
    REDIS_URL: 'redis://127.0.0.1:2',
  });
});

test.each([
  [{ SUPABASE_URL: supabase.SUPABASE_URL }, 'SUPABASE_ANON_KEY must be set'],
  [{ SUPABASE_JWT_SECRET: 'secret' }, 'SUPABASE_URL must be set'],
  [{ ...supabase, SUPABASE_RECONCILER_TOKEN: '' }, 'SUPABASE_RECONCILER_TOKEN or'],
  [{ ...supabase, SUPABASE_RECONCILER_TOKEN_FILE: '/dev/null' }, 'and not both'],
  [
    { ...supabase, SUPABASE_RECONCILER_TOKEN: '', SUPABASE_RECONCILER_TOKEN_FILE: '/none' },
    'SUPABASE_RECONCILER_TOKEN_FILE must be a file that exists',
  ],
  [{ ...supabase, SUPABASE_URL: 'project.example.com' }, 'SUPABASE_URL must be a URL'],
  [{ WORKER_RABBITMQ_URL: 'amqp://127.0.0.1' }, 'RABBITMQ_URL must be set where WORKER_RABBITMQ_URL is'],
  [{ REDIS_URL: '127.0.0.1:6379' }, 'REDIS_URL must be a URL that starts with redis://'],
])('%o is refused: %s', (env, message) => {
  expect(() => readUserEnv(env, {})).toThrow(message);
});

test('the API is given how tokens are signed; the worker hears of no Supabase', () => {
  const env = { ...supabase, SUPABASE_JWT_SECRET: 'secret', SUPABASE_JWT_ISSUER: 'issuer' };
  const { api, reconciler, worker } = serviceEnvironments({ ...env, RABBITMQ_URL: 'amqp://127.0.0.1' }, 1, {
    name: 'llm',
    env: { LLM_MODEL: 'model', RABBITMQ_URL: 'amqp://other' },
  });
  expect(api).toMatchObject({ SUPABASE_JWT_SECRET: 'secret', SUPABASE_JWT_ISSUER: 'issuer', PORT: '1' });
  expect(reconciler).not.toHaveProperty('SUPABASE_JWT_SECRET');
  expect(worker).toEqual({ RABBITMQ_URL: 'amqp://127.0.0.1', AGENT: 'llm', LLM_MODEL: 'model' });
});
