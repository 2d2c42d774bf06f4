import { createInstruments } from '@tickwork/runtime/telemetry/instruments';
import { claimRefusals } from '@tickwork/task/ports';
import type { Registry } from 'prom-client';
import { runOutcomes, type WorkerEmitter } from './events.ts';
import { retryReasons } from './finished.ts';

/** The worker's metrics. No label ever holds an id. */
export function measureWorker(events: WorkerEmitter, registry: Registry): void {
  measureMessages(events, registry);
  measureTasks(events, registry);
  measureProgress(events, registry);
}

function measureMessages(events: WorkerEmitter, registry: Registry): void {
  const { counter, histogram } = createInstruments(registry);
  const rejected = counter({
    name: 'tickwork_worker_messages_rejected_total',
    help: 'Messages that could not be read and were dead-lettered.',
  });
  const requeued = counter({
    name: 'tickwork_worker_messages_requeued_total',
    help: 'Messages given back to the queue, as Redis was away until the worker stopped.',
  });
  const refused = counter({
    name: 'tickwork_worker_claims_refused_total',
    help: 'Claims refused, by reason.',
    labels: { reason: claimRefusals },
  });
  const waits = histogram({
    name: 'tickwork_worker_queue_wait_seconds',
    help: "From a message's publish to the claim of its task, of messages that were delivered once; by the clocks of two hosts.",
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600],
  });
  events.on('task_claimed', ({ waitedMs }) => {
    if (waitedMs !== null) waits.observe(waitedMs / 1000);
  });
  events.on('message_rejected', () => rejected.inc());
  events.on('message_requeued', () => requeued.inc());
  events.on('claim_refused', ({ reason }) => refused.inc({ reason }));
}

function measureTasks(events: WorkerEmitter, registry: Registry): void {
  const { counter, gauge, histogram } = createInstruments(registry);
  const attempts = counter({
    name: 'tickwork_worker_attempts_total',
    help: 'Attempts begun, from a checkpoint or anew.',
    labels: { resumed: ['true', 'false'] },
  });
  const numbers = histogram({
    name: 'tickwork_worker_attempt_number',
    help: 'Which attempt of its task each was; 1 again after a checkpoint with more ticks.',
    buckets: [1, 2, 3, 5, 10],
  });
  const retries = counter({
    name: 'tickwork_worker_retries_total',
    help: 'Tasks left to be tried again, by what failed.',
    labels: { reason: retryReasons },
  });
  const leftBehind = counter({
    name: 'tickwork_worker_agents_left_behind_total',
    help: 'Agents that did not stop when they were told to.',
  });
  const left = counter({
    name: 'tickwork_worker_tasks_total',
    help: 'Tasks that this worker left, by outcome.',
    labels: { outcome: runOutcomes },
  });
  const running = gauge({ name: 'tickwork_worker_running', help: 'Tasks running now.' });
  events.on('task_claimed', ({ attempt, resumed }) => {
    running.inc();
    attempts.inc({ resumed: resumed ? 'true' : 'false' });
    numbers.observe(attempt);
  });
  events.on('task_retried', ({ reason }) => retries.inc({ reason }));
  events.on('agent_left_behind', () => leftBehind.inc());
  events.on('task_left', ({ outcome }) => {
    running.inc(-1);
    left.inc({ outcome });
  });
}

function measureProgress(events: WorkerEmitter, registry: Registry): void {
  const { counter, histogram } = createInstruments(registry);
  const ticks = counter({ name: 'tickwork_worker_ticks_total', help: 'Ticks spent by agents.' });
  const tickSeconds = histogram({
    name: 'tickwork_worker_tick_seconds',
    help: "Time from an agent's last tick, or its call, to this one: one step of it.",
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900],
  });
  const failures = counter({
    name: 'tickwork_worker_write_failures_total',
    help: 'Writes to Redis that failed; most are tried again.',
  });
  const writes = counter({
    name: 'tickwork_worker_progress_writes_total',
    help: 'Writes of progress that Redis took.',
  });
  const checkpoints = counter({
    name: 'tickwork_worker_checkpoints_total',
    help: 'Checkpoints that Redis took, each with a write of progress.',
  });
  events.on('ticked', ({ seconds }) => {
    ticks.inc();
    tickSeconds.observe(seconds);
  });
  events.on('write_failed', () => failures.inc());
  events.on('progress_written', ({ checkpoint }) => {
    writes.inc();
    if (checkpoint) checkpoints.inc();
  });
}
