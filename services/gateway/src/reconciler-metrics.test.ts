import { expect, test } from 'vitest';
import { createReconcilerMetrics } from './reconciler-metrics.ts';

test('what a leader saw of the rows goes with its leadership', async () => {
  const { registry, events, leaderEvents } = createReconcilerMetrics();
  const shown = async () => /^tickwork_tasks_active\{/m.test(await registry.metrics());
  events.emit('active_counted', { counts: { pending: 1 }, oldestPending: 1 });
  expect(await shown()).toBe(true);
  leaderEvents.emit('stopped_leading', { reason: 'taken' });
  expect(await shown()).toBe(false);
});
