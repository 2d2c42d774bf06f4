import { expect, test } from 'vitest';
import { loadReconcilerConfig } from './config.ts';

const good = {
  SUPABASE_URL: 'http://localhost:3000',
  SUPABASE_ANON_KEY: 'key',
  SUPABASE_RECONCILER_TOKEN_FILE: '/token',
  REDIS_URL: 'redis://localhost:6379',
  RABBITMQ_URL: 'amqp://localhost',
};

test("without a Lease there is no election; its times are client-go's", () => {
  const config = loadReconcilerConfig(good);
  expect(config).toMatchObject({
    LEASE_DURATION_MS: 15_000,
    RENEW_DEADLINE_MS: 10_000,
    RETRY_PERIOD_MS: 2000,
  });
  expect(config.LEASE_NAME).toBeUndefined();
});

test('a Lease, its namespace, its cluster and the identity', () => {
  const lease = {
    LEASE_NAME: 'tickwork-reconciler',
    LEASE_NAMESPACE: 'apps',
    POD_NAME: 'reconciler-1',
    KUBECONFIG: '/kubeconfig',
  };
  expect(loadReconcilerConfig({ ...good, ...lease })).toMatchObject(lease);
});

test('a worker hears within 90 s of a task that was deleted in Supabase itself: age, interval, heartbeat and walk', () => {
  const { QUIET_AGE_MS, QUIET_INTERVAL_MS, CLAIM_MS } = loadReconcilerConfig(good);
  const walkMs = 20_000;
  expect(QUIET_AGE_MS + QUIET_INTERVAL_MS + CLAIM_MS / 3 + walkMs).toBeLessThanOrEqual(90_000);
});

test.each([
  [{ LEASE_NAME: 'Upper' }, 'LEASE_NAME must match'],
  [{ LEASE_NAMESPACE: 'a/b' }, 'LEASE_NAMESPACE must match'],
  [{ LEASE_DURATION_MS: '999' }, 'LEASE_DURATION_MS must be an integer from 1000'],
  [{ LEASE_DURATION_MS: '15500' }, 'LEASE_DURATION_MS must be a multiple of 1000, as a Lease counts seconds'],
  [{ RENEW_DEADLINE_MS: '15000' }, 'RENEW_DEADLINE_MS must be less than LEASE_DURATION_MS'],
  [{ RETRY_PERIOD_MS: '10000' }, 'RETRY_PERIOD_MS must be less than RENEW_DEADLINE_MS'],
  [{ LEASE_DURATION_MS: '5000', RENEW_DEADLINE_MS: '5000', RETRY_PERIOD_MS: '5000' }, /^RENEW.*; RETRY/],
])('%o names the variable and the rule', (change, message) => {
  expect(() => loadReconcilerConfig({ ...good, ...change })).toThrow(message);
});
