import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { measureActiveTasks } from './backlog-metrics.ts';
import { createReconcilerEvents } from './events.ts';

function measured(nowMs: number) {
  const registry = new Registry();
  const events = createReconcilerEvents();
  const { forget } = measureActiveTasks(events, registry, () => nowMs);
  const samples = async () => (await registry.metrics()).match(/^tickwork_.*/gm) ?? [];
  return { events, forget, samples };
}

test('each status is there once repair looked, and the age of the oldest that waits', async () => {
  const { events, samples } = measured(100_000);
  expect(await samples()).toEqual([]);
  events.emit('active_counted', { counts: { pending: 2, started: 1 }, oldestPending: 40_000_000 });
  expect(await samples()).toEqual([
    'tickwork_tasks_active{status="pending"} 2',
    'tickwork_tasks_active{status="accepted"} 0',
    'tickwork_tasks_active{status="started"} 1',
    'tickwork_tasks_active{status="in_progress"} 0',
    'tickwork_oldest_pending_task_age_seconds 60',
  ]);
});

test('the age is 0 where none waits, and never below by a clock that is behind', async () => {
  const { events, samples } = measured(100_000);
  for (const oldestPending of [null, 200_000_000]) {
    events.emit('active_counted', { counts: {}, oldestPending });
    expect(await samples()).toContain('tickwork_oldest_pending_task_age_seconds 0');
  }
});

test('who leads no more shows nothing of what it saw', async () => {
  const { events, forget, samples } = measured(100_000);
  events.emit('active_counted', { counts: { pending: 2 }, oldestPending: 1 });
  forget();
  expect(await samples()).toEqual([]);
});
