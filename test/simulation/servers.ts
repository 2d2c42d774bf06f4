import { createMemoryQueue } from './memory/rabbitmq.ts';
import { createMemoryRedis } from './memory/redis.ts';
import { refusal } from './memory/supabase/table.ts';
import { createMemorySupabase } from './memory/supabase.ts';
import type { Mutation } from './mutation.ts';
import type { Server } from './network.ts';
import { type Random, uuidFrom } from './random.ts';
import type { Timeline } from './timeline.ts';

/** When a schedule begins, by a clock that is right: microseconds since 1970. */
const beginning = 1_800_000_000_000_000;

/** A server's clock, which faults set. */
export interface ServerClock {
  now(): number;
  offsetMs: number;
}

export interface ServersOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly mutation: Mutation;
  readonly dailyLimit: number;
  /** Between the steps of an insert that is no transaction. */
  readonly pause: () => Promise<void>;
}

export type Servers = ReturnType<typeof createServers>;

/** The three servers in memory, each with a clock of its own. */
export function createServers({ timeline, random, mutation, dailyLimit, pause }: ServersOptions) {
  function createClock(): ServerClock {
    const clock: ServerClock = {
      offsetMs: random.between(-2000, 2000),
      now: () => Math.round(beginning + (timeline.now() + clock.offsetMs) * 1000),
    };
    return clock;
  }
  const redisClock = createClock();
  const supabaseClock = createClock();
  return {
    redisClock,
    supabaseClock,
    redis: createMemoryRedis({ now: redisClock.now, without: mutation.records }),
    supabase: createMemorySupabase({
      now: supabaseClock.now,
      without: mutation.tasks,
      dailyLimit,
      uuid: () => uuidFrom(random),
      pause,
    }),
    queue: createMemoryQueue({ wallTime: () => beginning / 1000 + timeline.now() }),
  };
}

export const redisServer: Server = {
  name: 'redis',
  failure: () => new Error('Redis is away'),
  timeoutMs: 5000,
  inOrder: true,
};
export const supabaseServer: Server = {
  name: 'supabase',
  failure: () => refusal('network'),
  timeoutMs: 10_000,
  inOrder: false,
};
export const rabbitServer: Server = {
  name: 'rabbitmq',
  failure: () => new Error('RabbitMQ is away'),
  timeoutMs: 60_000,
  inOrder: true,
};
