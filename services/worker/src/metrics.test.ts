import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createWorkerEvents } from './events.ts';
import { measureWorker } from './metrics.ts';

const correlationId = '0190a8f0-0000-7000-8000-000000000000';

function measured() {
  const registry = new Registry();
  const events = createWorkerEvents();
  measureWorker(events, registry);
  return { events, metrics: () => registry.metrics() };
}

test('attempts, retries and checkpoints are counted, by what is bounded', async () => {
  const { events, metrics } = measured();
  events.emit('task_claimed', { correlationId, attempt: 1, resumed: false, waitedMs: null });
  events.emit('task_claimed', { correlationId, attempt: 2, resumed: true, waitedMs: null });
  events.emit('task_retried', { correlationId, reason: 'tick_timeout', waitMs: 900 });
  events.emit('task_left', { correlationId, outcome: 'retried' });
  events.emit('progress_written', { checkpoint: false });
  events.emit('progress_written', { checkpoint: true });
  events.emit('agent_left_behind', { correlationId });
  const text = await metrics();
  for (const line of [
    'attempts_total{resumed="false"} 1',
    'attempts_total{resumed="true"} 1',
    'retries_total{reason="tick_timeout"} 1',
    'tasks_total{outcome="retried"} 1',
    'progress_writes_total 2',
    'checkpoints_total 1',
    'agents_left_behind_total 1',
    'attempt_number_sum 3',
    'tasks_total{outcome="completed"} 0',
    'running 1',
  ]) {
    expect(text).toContain(`tickwork_worker_${line}\n`);
  }
  expect(text).not.toContain(correlationId);
});

test('how long a message waited is observed where it is known', async () => {
  const { events, metrics } = measured();
  for (const waitedMs of [0, 30, 4_000_000, null]) {
    events.emit('task_claimed', { correlationId, attempt: 1, resumed: false, waitedMs });
  }
  const text = await metrics();
  for (const line of ['bucket{le="0.005"} 1', 'bucket{le="3600"} 2', 'count 3', 'sum 4000.03']) {
    expect(text).toContain(`tickwork_worker_queue_wait_seconds_${line}\n`);
  }
});

test('how long ticks take is observed', async () => {
  const { events, metrics } = measured();
  events.emit('ticked', { correlationId, tick: 1, seconds: 0.3 });
  events.emit('ticked', { correlationId, tick: 2, seconds: 20 });
  const text = await metrics();
  expect(text).toContain('tickwork_worker_ticks_total 2\n');
  expect(text).toContain('tickwork_worker_tick_seconds_bucket{le="0.5"} 1\n');
  expect(text).toContain('tickwork_worker_tick_seconds_sum 20.3\n');
});
