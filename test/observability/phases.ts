import { waitFor } from '../stack/wait-for.ts';
import type { Phase } from './drive.ts';
import { type Installation, reconcilers, workers } from './installation.ts';
import { remove, submit, type User } from './traffic.ts';

/** Their windows reach back to the failure. */
const farBack = [
  'TickworkSyncIsSlow',
  'TickworkManyRetries',
  'TickworkAgentsLeftBehind',
  'TickworkClockIsWrong',
];

/** Their windows reach back for longer than all this takes. */
const longWindows = ['6h', '1d', '3d'].map((window) => `TickworkAvailabilityBudgetBurns ${window}`);

const passesStopped = ['hints', 'scan', 'quiet', 'repair'].map((pass) => `TickworkPassStopped ${pass}`);

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
      // A busy machine takes longer for a call than a lease this short allows.
      also: ['TickworkLeaseFails'],
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
      // The others need Supabase only where they have something to do.
      also: passesStopped,
      mend: async () => {
        installation.setSupabaseAway(false);
        reconcilersSupabase.setSlow(1500);
      },
      // Supabase is slow from now on.
      lasts: ['TickworkSyncIsSlow'],
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
        'TickworkSyncLagBudgetBurns 1h',
        'TickworkManyRetries',
        'TickworkAgentsLeftBehind',
        'TickworkClockIsWrong',
      ],
      mend: async () => {
        reconcilersSupabase.setSlow(0);
        await each(unfinished, (id) => remove(user, id));
      },
      lasts: farBack,
    },
    {
      name: 'Redis and RabbitMQ are away',
      cause: () => Promise.all([tickwork.redis.stop(), rabbit.stop()]),
      fires: [
        'TickworkRedisAway',
        'TickworkRabbitmqAway',
        'TickworkPassStopped scan',
        'TickworkDispatchBudgetBurns 1h',
      ],
      also: [
        // The others need Redis only where they have something to do.
        ...passesStopped,
        // They fail, and workers have no connection, for about as long as these wait.
        'TickworkDependencyFails redis',
        'TickworkDependencyFails rabbitmq',
        'TickworkNoWorkerConsumes',
      ],
      mend: () => Promise.all([tickwork.redis.start(), rabbit.start()]),
      lasts: farBack,
    },
    {
      name: 'the API server of Kubernetes fails',
      cause: async () => {
        api.broken = { status: 500, body: '{"message":"etcd is away"}' };
      },
      fires: ['TickworkLeaseFails', 'TickworkNobodyReconciles'],
      mend: async () => {},
      // The API server fails on, so nobody leads.
      lasts: ['TickworkNobodyReconciles', 'TickworkLeaseFails', ...passesStopped],
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
