import { EventEmitter } from 'node:events';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { ClaimRefusal } from '@tickwork/task/ports';
import { Counter, Gauge, type Registry } from 'prom-client';

export type RunOutcome = 'completed' | 'error' | 'stopped' | 'handed_back';

export interface WorkerEvents {
  message_rejected: [{ reason: string }];
  claim_refused: [{ correlationId: string; reason: ClaimRefusal }];
  task_started: [{ correlationId: string; attempt: number }];
  ticked: [];
  task_left: [{ correlationId: string; outcome: RunOutcome }];
  /** Redis did not take a write; it is tried again. */
  write_failed: [{ correlationId: string; error: unknown }];
  agent_failed: [{ correlationId: string; error: unknown }];
}

export type WorkerEmitter = EventEmitter<WorkerEvents>;
export const createWorkerEvents = (): WorkerEmitter => new EventEmitter<WorkerEvents>();

export function measureWorker(events: WorkerEmitter, registry: Registry): void {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const rejected = counter('tickwork_worker_messages_rejected_total', 'Messages that could not be read.');
  const refused = counter('tickwork_worker_claims_refused_total', 'Claims refused, by reason.', ['reason']);
  const left = counter('tickwork_worker_tasks_total', 'Tasks that this worker left, by outcome.', [
    'outcome',
  ]);
  const ticks = counter('tickwork_worker_ticks_total', 'Ticks spent by agents.');
  const failures = counter(
    'tickwork_worker_write_failures_total',
    'Writes to Redis that failed and are tried again.',
  );
  const running = new Gauge({
    name: 'tickwork_worker_running',
    help: 'Tasks running now.',
    registers: [registry],
  });
  events.on('message_rejected', () => rejected.inc());
  events.on('claim_refused', ({ reason }) => refused.inc({ reason }));
  events.on('task_started', () => running.inc());
  events.on('ticked', () => ticks.inc());
  events.on('write_failed', () => failures.inc());
  events.on('task_left', ({ outcome }) => {
    running.dec();
    left.inc({ outcome });
  });
}

export function logWorker(events: WorkerEmitter, logger: Logger): void {
  events.on('message_rejected', ({ reason }) => logger.error({ reason }, 'message dead-lettered'));
  events.on('claim_refused', ({ correlationId: correlation_id, reason }) =>
    logger.info({ correlation_id, reason }, 'claim refused'),
  );
  events.on('task_started', ({ correlationId: correlation_id, attempt }) =>
    logger.info({ correlation_id, attempt }, 'task claimed'),
  );
  events.on('task_left', ({ correlationId: correlation_id, outcome }) =>
    logger.info({ correlation_id, outcome }, 'task left'),
  );
  events.on('write_failed', ({ correlationId: correlation_id, error: err }) =>
    logger.warn({ correlation_id, err }, 'Redis did not take a write'),
  );
  events.on('agent_failed', ({ correlationId: correlation_id, error }) =>
    logger.warn(
      { correlation_id, error_name: error instanceof Error ? error.name : 'unknown' },
      'agent failed',
    ),
  );
}
