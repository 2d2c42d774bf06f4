import type { Clock } from '@tickwork/runtime/process/clock';
import { announceEveryMs, type Worker, type WorkerPresence } from '@tickwork/runtime/redis/worker-presence';

/** Says that the worker is there, again and again, until `signal` aborts; then that it goes. A Redis that is away hears it later. */
export async function keepAnnounced(
  presence: Pick<WorkerPresence, 'announce' | 'leave'>,
  worker: Worker,
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await presence.announce(worker).catch(() => {});
    await clock.sleep(announceEveryMs, signal);
  }
  await presence.leave(worker).catch(() => {});
}
