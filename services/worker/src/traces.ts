import { recordSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { WorkerEmitter } from './events.ts';

/** A span for each tick, from the one before: made as it ends, so that none is open while an agent works. */
export function traceWorker(events: WorkerEmitter): void {
  events.on('ticked', ({ correlationId, tick, seconds }) =>
    recordSpan('tick', seconds, {
      'tickwork.task.correlation_id': correlationId,
      'tickwork.task.tick': tick,
    }),
  );
}
