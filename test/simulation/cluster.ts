import type { Mutation } from './mutation.ts';
import { createNetwork, type Flight } from './network.ts';
import { createProcess, type Role } from './process.ts';
import {
  type Running,
  type RunningGateway,
  type RunningWorker,
  type Surroundings,
  startGateway,
  startReconciler,
  startWorker,
} from './processes.ts';
import type { Random } from './random.ts';
import { createServers } from './servers.ts';
import { createTimeline } from './timeline.ts';
import { createWitness } from './witness/witness.ts';

export interface ClusterOptions {
  readonly random: Random;
  readonly mutation: Mutation;
  readonly dailyLimit: number;
  readonly onStep: (flight: Flight, side: 'before' | 'after') => void;
}

export type Cluster = ReturnType<typeof createCluster>;

const names = ['gateway', 'worker-1', 'worker-2', 'reconciler-1', 'reconciler-2'] as const;
export type SlotName = (typeof names)[number];

/** A gateway, two workers, two reconcilers that both lead, and the three servers; all on one virtual time. */
export function createCluster({ random, mutation, dailyLimit, onStep }: ClusterOptions) {
  const timeline = createTimeline();
  const network = createNetwork({ timeline, random, onStep });
  const after = (ms: number, run: () => void) => timeline.at(timeline.now() + ms, run);
  const servers = createServers({
    timeline,
    random,
    mutation,
    dailyLimit,
    pause: () => new Promise((resolve) => after(network.latency(), resolve)),
  });
  const witness = createWitness({
    now: timeline.now,
    redisNow: servers.redisClock.now,
    supabase: () => servers.supabase,
    dailyLimit,
  });
  const surroundings: Surroundings = {
    network,
    servers,
    witness,
    mutation,
    notify: (process, run) => after(network.latency(), () => process.deliver(run)),
  };
  const running = new Map<SlotName, Running>();
  let lives = 0;
  let deliveryPlanned = false;

  function start(name: SlotName): void {
    const role = roleOf(name);
    const process = createProcess({
      role,
      name: `${name} (life ${++lives})`,
      timeline,
      random,
      skewMs: random.between(-3_600_000, 3_600_000),
      ...(role === 'worker' && mutation.tokens ? { newToken: mutation.tokens() } : {}),
    });
    if (role === 'gateway') running.set(name, startGateway(process, surroundings));
    else if (role === 'worker') running.set(name, startWorker(process, surroundings));
    else running.set(name, startReconciler(process, surroundings));
  }

  /** Whatever its reason, a process that has ended is started again after a while. */
  function restartEnded(): void {
    for (const [name, { process }] of running) {
      if (process.isAlive()) continue;
      running.delete(name);
      after(random.between(200, 6000), () => start(name));
    }
  }

  function workers(): RunningWorker[] {
    return [running.get('worker-1'), running.get('worker-2')].filter(
      (one): one is RunningWorker => one !== undefined && 'consumer' in one && one.process.isAlive(),
    );
  }

  /** The broker hands out a ready message after a while, most often the oldest. */
  function planDelivery(): void {
    if (deliveryPlanned || servers.queue.ready().length === 0 || workers().length === 0) return;
    deliveryPlanned = true;
    after(network.latency(), () => {
      deliveryPlanned = false;
      const takers = workers();
      const [taker] = takers;
      if (!taker) return;
      const worker = takers.length > 1 ? random.pick(takers) : taker;
      const flight: Flight = {
        step: 'deliver',
        process: worker.process,
        server: { name: 'rabbitmq', failure: () => new Error(), timeoutMs: 0, inOrder: true },
        break: () => {},
        delay: () => {},
      };
      onStep(flight, 'before');
      const index = random.chance(0.7) ? 0 : random.int(Math.max(1, servers.queue.ready().length));
      if (servers.queue.deliver(worker.consumer, index)) onStep(flight, 'after');
    });
  }

  for (const name of names) start(name);

  return {
    timeline,
    network,
    servers,
    witness,
    random,
    after,
    running: running as ReadonlyMap<SlotName, Running>,
    workers,
    gateway: (): RunningGateway | null => {
      const gateway = running.get('gateway');
      return gateway && 'submitTask' in gateway ? (gateway as RunningGateway) : null;
    },
    /** The next event, and what follows from it. */
    async step(): Promise<boolean> {
      const stepped = await timeline.step();
      restartEnded();
      planDelivery();
      return stepped;
    },
    isWhole: () =>
      running.size === names.length && [...running.values()].every(({ process }) => !process.isPaused()),
  };
}

function roleOf(name: SlotName): Role {
  if (name === 'gateway') return 'gateway';
  return name.startsWith('worker') ? 'worker' : 'reconciler';
}
