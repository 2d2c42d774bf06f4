import { type Clock, within } from '@tickwork/runtime/process/clock';
import type { Publisher } from '@tickwork/runtime/rabbitmq/publisher';
import { Gauge, type Registry } from 'prom-client';

export interface MeasureDeadLettersOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly registry: Registry;
  readonly timeoutMs: number;
}

/** Counted when it is asked for; NaN while RabbitMQ doesn't answer. Each pod tells the same number. */
export function measureDeadLetters(
  queue: Pick<Publisher, 'countDead'>,
  { clock, registry, timeoutMs }: MeasureDeadLettersOptions,
): void {
  const unknown = Number.NaN;
  new Gauge({
    name: 'tickwork_dead_letters',
    help: 'Messages that no worker could do anything with, kept for make dead-letters. NaN: RabbitMQ does not answer.',
    registers: [registry],
    async collect() {
      this.set(await within(clock, timeoutMs, () => queue.countDead().catch(() => unknown), unknown));
    },
  });
}
