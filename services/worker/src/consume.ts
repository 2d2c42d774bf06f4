import type { Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { decodeEnvelope, type Envelope } from '@tickwork/task/envelope';
import type { WorkerEmitter } from './events.ts';

export interface ConsumeDependencies {
  readonly runTask: (envelope: Envelope) => Promise<void>;
  readonly events: WorkerEmitter;
}

/** What becomes of a message: acknowledged when its task ends here, back when Redis is away, dead-lettered when unreadable. */
export function createConsume({ runTask, events }: ConsumeDependencies) {
  const running = new Set<Promise<void>>();

  async function consume(delivery: Delivery): Promise<void> {
    const envelope = read(delivery);
    if (!envelope) return;
    try {
      await runTask(envelope);
      delivery.ack();
    } catch {
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
