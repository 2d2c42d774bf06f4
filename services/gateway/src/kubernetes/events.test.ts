import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createLeaderEvents, measureLeader } from './events.ts';

test('the gauge is 1 while leading, and 0 before and after', async () => {
  const registry = new Registry();
  const events = createLeaderEvents();
  measureLeader(events, registry);
  const leader = async () => (await registry.metrics()).match(/^tickwork_reconciler_leader (.*)$/m)?.[1];
  expect(await leader()).toBe('0');
  events.emit('started_leading', { reason: 'missing' });
  expect(await leader()).toBe('1');
  events.emit('stopped_leading', { reason: 'taken' });
  expect(await leader()).toBe('0');
});
