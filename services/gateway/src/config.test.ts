import { describe, expect, test } from 'vitest';
import { loadApiConfig } from './config.ts';
import { loadReconcilerConfig } from './reconcile/config.ts';

const good = {
  SUPABASE_URL: 'http://localhost:3000',
  SUPABASE_ANON_KEY: 'sb_publishable_key',
  SUPABASE_RECONCILER_TOKEN_FILE: '/token',
  REDIS_URL: 'redis://localhost:6379',
  RABBITMQ_URL: 'amqp://localhost',
};
const jwtOf = (role: string) =>
  ['{"alg":"HS256"}', JSON.stringify({ role }), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
const loaders = { api: loadApiConfig, reconciler: loadReconcilerConfig };

describe.each(Object.entries(loaders))('the %s', (_name, load) => {
  test.each(['sb_publishable_key', jwtOf('anon')])('takes the publishable key %#', (key) => {
    expect(load({ ...good, SUPABASE_ANON_KEY: key }).SUPABASE_ANON_KEY).toBe(key);
  });

  test.each([
    { SUPABASE_SERVICE_ROLE_KEY: 'any' },
    { SUPABASE_ANON_KEY: 'sb_secret_key' },
    { SUPABASE_ANON_KEY: jwtOf('service_role') },
  ])('refuses a secret key, and does not print it: %o', (change) => {
    const [[name = '', value = ''] = []] = Object.entries(change);
    expect(() => load({ ...good, ...change })).toThrow(name);
    expect(() => load({ ...good, ...change })).not.toThrow(value);
  });
});

test('the API serves no page of a browser and no anonymous user unless it is told to', () => {
  expect(loadApiConfig(good)).toMatchObject({ ALLOW_ANONYMOUS_USERS: false, WRITES_PER_MINUTE: 60 });
  expect(loadApiConfig(good).CORS_ORIGINS).toBeUndefined();
  const origins = 'https://app.example.com http://localhost:*';
  expect(loadApiConfig({ ...good, CORS_ORIGINS: origins }).CORS_ORIGINS).toBe(origins);
  expect(() => loadApiConfig({ ...good, CORS_ORIGINS: 'app.example.com' })).toThrow(
    'CORS_ORIGINS must match',
  );
});
