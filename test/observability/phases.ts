import { waitFor } from '../stack/wait-for.ts';
import type { Phase } from './drive.ts';
import { type Installation, reconcilers, workers } from './installation.ts';
import { remove, submit, type User } from './traffic.ts';

const failedLong = 'it fails for about as long as the alert waits';
const farBack = 'its window reaches back to the failure';
const farBackAlerts = {
  TickworkSyncIsSlow: farBack,
  TickworkManyRetries: farBack,
  TickworkAgentsLeftBehind: farBack,
  TickworkClockIsWrong: farBack,
};

/** In the time that this takes they don't end. */
const longWindows = Object.fromEntries(
  ['6h', '1d', '3d'].map((window) => [`TickworkAvailabilityBudgetBurns ${window}`, farBack]),
);

const passesStopped = (reason: string) =>
  Object.fromEntries(
    ['hints', 'scan', 'quiet', 'repair'].map((pass) => [`TickworkPassStopped ${pass}`, reason]),
  );

export function scenario(installation: Installation, user: User): readonly Phase[] {
  const { tickwork, prometheus, rabbit, api, reconcilersSupabase } = installation;
  const holds = (query: string) => waitFor(query, async () => (await prometheus.query(query)).length > 0);
  const each = <Name>(names: readonly Name[], act: (name: Name) => Promise<unknown>) =>
    Promise.all(names.map(act));
  const leader = () =>
    waitFor('a leader', () => reconcilers.find((name) => name === api.lease?.spec['holderIdentity']));
  let unfinished: readonly string[] = [];

  return [
    {
      name: 'tasks come and end',
      cause: async () => {
        await holds('sum(tickwork_worker_tasks_total{outcome="completed"}) > 60');
        await holds('sum(tickwork_worker_retries_total) > 1');
        await holds('sum(tickwork_tasks_ended_by_owner_total) > 3');
      },
      fires: [],
      mend: async () => {},
    },
    {
      name: 'workers are killed, a letter is dead, the token runs out, and the leader is killed',
      cause: async () => {
        await installation.setReconcilersToken('12h');
        await installation.publishUnreadable();
        await holds('max(tickwork_dead_letters) > 0');
        await each(workers, (name) => tickwork.kill(name));
        const killed = await leader();
        await tickwork.kill(killed);
        await holds(`tickwork_reconciler_leader{pod!="${killed}"} == 1`);
        await tickwork.start(killed);
      },
      // Not TickworkNobodyReconciles: the standby leads soon enough.
      fires: [
        'TickworkDeadLetters',
        'TickworkNoWorkerConsumes',
        'TickworkOldestTaskWaits',
        'TickworkTokenExpires',
        'TickworkTokenExpiresNow',
      ],
      mend: async () => {
        await installation.setReconcilersToken('90d');
        await each(workers, tickwork.start);
        await installation.dropDeadLetters();
      },
    },
    {
      name: 'Supabase is away',
      cause: async () => installation.setSupabaseAway(true),
      fires: [
        'TickworkSupabaseAway',
        'TickworkGatewayFails',
        'TickworkDependencyFails supabase',
        'TickworkAvailabilityBudgetBurns 1h',
        'TickworkPassStopped repair',
        'TickworkRepairDoesNotPass',
      ],
      also: passesStopped('it needs Supabase, where it has something to do'),
      mend: async () => {
        installation.setSupabaseAway(false);
        reconcilersSupabase.setSlow(1500);
      },
      lasts: { TickworkSyncIsSlow: 'Supabase is slow from now on' },
      stays: longWindows,
    },
    {
      name: 'Supabase is slow, agents fail, and a clock was wrong',
      cause: async () => {
        const mandates = [...Array<string>(20).fill('crawl'), 'never'];
        unfinished = await Promise.all(mandates.map((mandate) => submit(user, mandate)));
        await holds('sum(tickwork_worker_running) > 15');
        await installation.setStampAhead(unfinished[0] ?? '');
      },
      fires: [
        'TickworkSyncIsSlow',
        'TickworkManyRetries',
        'TickworkAgentsLeftBehind',
        'TickworkClockIsWrong',
      ],
      mend: async () => {
        reconcilersSupabase.setSlow(0);
        await each(unfinished, (id) => remove(user, id));
      },
      lasts: farBackAlerts,
    },
    {
      name: 'Redis and RabbitMQ are away',
      cause: () => Promise.all([tickwork.redis.stop(), rabbit.stop()]),
      fires: ['TickworkRedisAway', 'TickworkRabbitmqAway', 'TickworkPassStopped scan'],
      also: {
        ...passesStopped('it needs Redis, where it has something to do'),
        'TickworkDependencyFails redis': failedLong,
        'TickworkDependencyFails rabbitmq': failedLong,
        TickworkNoWorkerConsumes: 'workers are connected again after about as long as the alert waits',
      },
      mend: () => Promise.all([tickwork.redis.start(), rabbit.start()]),
      lasts: farBackAlerts,
    },
    {
      name: 'the API server of Kubernetes fails',
      cause: async () => {
        api.broken = { status: 500, body: '{"message":"etcd is away"}' };
      },
      fires: ['TickworkLeaseFails', 'TickworkNobodyReconciles'],
      mend: async () => {},
      lasts: {
        TickworkNobodyReconciles: 'the API server fails on',
        TickworkLeaseFails: 'the API server fails on',
        ...passesStopped('nobody leads'),
      },
    },
    {
      name: 'no reconciler is left',
      cause: () => each(reconcilers, (name) => tickwork.kill(name)),
      fires: ['TickworkNotScraped reconciler', 'TickworkNobodyReconciles'],
      mend: async () => {
        api.broken = undefined;
        await each(reconcilers, tickwork.start);
      },
    },
  ];
}
