import { type Clock, within } from '@tickwork/runtime/process/clock';
import type { Worker, WorkerPresence } from '@tickwork/runtime/redis/worker-presence';
import { shared } from './shared.ts';

export interface SystemInfoDependencies {
  readonly presence: Pick<WorkerPresence, 'alive'>;
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'wallTime'>;
  readonly gatewayVersion: string;
  readonly sourceUrl: string;
}

/** Pages ask every few seconds, and anyone may: for so long one answer serves all. */
const keepMs = 1000;
const redisTimeoutMs = 500;

/** What a page shows of the system. Without Redis, or before any worker was seen, there are none, and of the gateway's version. */
export function createSystemInfo(dependencies: SystemInfoDependencies) {
  const { presence, clock, gatewayVersion, sourceUrl } = dependencies;
  const lastUpdate = new Date(clock.wallTime()).toISOString();
  let seen = { at: Number.NEGATIVE_INFINITY, activeWorkers: 0, workerVersion: gatewayVersion };

  const look = shared(async () => {
    const none: readonly Worker[] = [];
    const workers = await within(clock, redisTimeoutMs, () => presence.alive().catch(() => none), none);
    const workerVersion = newest(workers) ?? seen.workerVersion;
    seen = { at: clock.now(), activeWorkers: workers.length, workerVersion };
  });

  return async () => {
    if (clock.now() - seen.at > keepMs) await look();
    const { activeWorkers, workerVersion } = seen;
    return { title: 'Tickwork', gatewayVersion, workerVersion, activeWorkers, lastUpdate, github: sourceUrl };
  };
}

function newest(workers: readonly Worker[]): string | undefined {
  const versions = workers.map(({ version }) => version);
  return versions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
}
