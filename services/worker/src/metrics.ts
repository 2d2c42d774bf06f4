import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WorkerEmitter } from './events.ts';

/** The worker's metrics. No label ever holds an id. */
export function measureWorker(events: WorkerEmitter, registry: Registry): void {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `tickwork_worker_${name}`, help, labelNames, registers });
  const rejected = counter(
    'messages_rejected_total',
    'Messages that could not be read and were dead-lettered.',
  );
  const requeued = counter('messages_requeued_total', 'Messages given back to the queue, as Redis was away.');
  const refused = counter('claims_refused_total', 'Claims refused, by reason.', ['reason']);
  const left = counter('tasks_total', 'Tasks that this worker left, by outcome.', ['outcome']);
  const ticks = counter('ticks_total', 'Ticks spent by agents.');
  const failures = counter('write_failures_total', 'Writes to Redis that failed; most are tried again.');
  const running = new Gauge({ name: 'tickwork_worker_running', help: 'Tasks running now.', registers });
  const answers = new Histogram({
    name: 'tickwork_worker_report_seconds',
    help: 'Time to the answer of Redis, by operation.',
    labelNames: ['operation'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 5],
    registers,
  });

  events.on('message_rejected', () => rejected.inc());
  events.on('message_requeued', () => requeued.inc());
  events.on('claim_refused', ({ reason }) => refused.inc({ reason }));
  events.on('task_claimed', () => running.inc());
  events.on('ticked', () => ticks.inc());
  events.on('write_failed', () => failures.inc());
  events.on('redis_answered', ({ operation, seconds }) => answers.observe({ operation }, seconds));
  events.on('task_left', ({ outcome }) => {
    running.dec();
    left.inc({ outcome });
  });
}
