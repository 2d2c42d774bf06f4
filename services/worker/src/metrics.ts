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
  const attempts = counter('attempts_total', 'Attempts begun, from a checkpoint or anew.', ['resumed']);
  const retries = counter('retries_total', 'Tasks left to be tried again, by what failed.', ['reason']);
  const leftBehind = counter('agents_left_behind_total', 'Agents that did not stop when they were told to.');
  const left = counter('tasks_total', 'Tasks that this worker left, by outcome.', ['outcome']);
  const ticks = counter('ticks_total', 'Ticks spent by agents.');
  const failures = counter('write_failures_total', 'Writes to Redis that failed; most are tried again.');
  const writes = counter('progress_writes_total', 'Writes of progress that Redis took.');
  const checkpoints = counter(
    'checkpoints_total',
    'Checkpoints that Redis took, each with a write of progress.',
  );
  const tickSeconds = new Histogram({
    name: 'tickwork_worker_tick_seconds',
    help: "Time from an agent's last tick, or its call, to this one.",
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900],
    registers,
  });
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
  events.on('task_claimed', ({ resumed }) => {
    running.inc();
    attempts.inc({ resumed: String(resumed) });
  });
  events.on('ticked', ({ seconds }) => {
    ticks.inc();
    tickSeconds.observe(seconds);
  });
  events.on('progress_written', ({ checkpoint }) => {
    writes.inc();
    if (checkpoint) checkpoints.inc();
  });
  events.on('task_retried', ({ reason }) => retries.inc({ reason }));
  events.on('agent_left_behind', () => leftBehind.inc());
  events.on('write_failed', () => failures.inc());
  events.on('redis_answered', ({ operation, seconds }) => answers.observe({ operation }, seconds));
  events.on('task_left', ({ outcome }) => {
    running.dec();
    left.inc({ outcome });
  });
}
