import type { Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { continueTrace } from '@tickwork/runtime/telemetry/trace-context';
import { decodeEnvelope, type Envelope } from '@tickwork/task/envelope';
import type { WorkerEmitter } from './events.ts';
import type { RunTask } from './run-task.ts';

export interface ConsumeDependencies {
  /** `publishedAt` as the delivery tells it; null too for one that came before, as it waited for more than a worker. */
  readonly runTask: RunTask;
  readonly events: WorkerEmitter;
  /** Aborts when the process starts to shut down. */
  readonly shutdown: AbortSignal;
}

/**
 * What becomes of a message: acknowledged once its task is left here or was refused, back where Redis took no claim or end until this
 * worker stopped, dead-lettered when unreadable. It is begun as soon as it comes: the consumer takes no more than may run.
 */
export function createConsume({ runTask, events, shutdown }: ConsumeDependencies) {
  const running = new Set<Promise<void>>();

  async function consume(delivery: Delivery): Promise<void> {
    const envelope = read(delivery);
    if (envelope) await continueTrace(envelope.traceparent, () => carryOut(envelope, delivery));
  }

  async function carryOut(envelope: Envelope, delivery: Delivery): Promise<void> {
    try {
      if (shutdown.aborted) return delivery.requeue();
      await runTask(envelope, delivery.redelivered ? null : delivery.publishedAt);
      delivery.ack();
    } catch (error) {
      events.emit('message_requeued', { correlationId: envelope.correlationId, error });
      delivery.requeue();
    }
  }

  function read(delivery: Delivery): Envelope | null {
    try {
      return decodeEnvelope(delivery.content);
    } catch (error) {
      events.emit('message_rejected', { reason: error instanceof Error ? error.message : 'unreadable' });
      delivery.deadLetter();
      return null;
    }
  }

  return {
    onMessage(delivery: Delivery): void {
      const consumed = consume(delivery).finally(() => running.delete(consumed));
      running.add(consumed);
    },
    /** Resolves when no task runs here. */
    idle: async () => void (await Promise.all(running)),
  };
}
