import { createConnectionLog, reasonOf } from '@tickwork/runtime/telemetry/connection-log';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { AgentError } from './agents/agent.ts';
import type { WorkerEmitter } from './events.ts';

/** One line for each change of a task, named by its correlation_id; never what a user wrote or an agent made of it. */
export function logWorker(events: WorkerEmitter, logger: Logger): void {
  const of = (correlationId: string) => logger.child({ correlation_id: correlationId });
  events.on('message_rejected', ({ reason }) => logger.error({ reason }, 'message dead-lettered'));
  events.on('message_requeued', ({ correlationId, error }) =>
    of(correlationId).warn({ reason: reasonOf(error) }, 'message given back to the queue'),
  );
  events.on('claim_refused', ({ correlationId, reason }) =>
    of(correlationId).info({ reason }, 'claim refused'),
  );
  events.on('task_claimed', ({ correlationId, attempt, resumed, waitedMs }) =>
    of(correlationId).info({ status: 'accepted', attempt, resumed, waited_ms: waitedMs }, 'task claimed'),
  );
  events.on('status_changed', ({ correlationId, status }) =>
    of(correlationId).info({ status }, 'status changed'),
  );
  events.on('task_retried', ({ correlationId, reason, waitMs }) =>
    of(correlationId).info({ reason, wait_ms: waitMs }, 'task is tried again'),
  );
  events.on('agent_left_behind', ({ correlationId }) =>
    of(correlationId).warn('the agent did not stop when it was told to, and is left behind'),
  );
  events.on('task_left', ({ correlationId, outcome }) => of(correlationId).info({ outcome }, 'task left'));
  // Every task's every try would be a line each, for as long as Redis is away.
  const onWriteFailed = createConnectionLog(logger, 'Redis');
  events.on('write_failed', ({ error }) => onWriteFailed(error));
  events.on('agent_failed', ({ correlationId, error }) =>
    of(correlationId).warn(
      error instanceof AgentError ? { error_name: error.name } : { err: error },
      'agent failed',
    ),
  );
}
