import { randomUUID } from 'node:crypto';
import { createRedisClient } from '@tickwork/runtime/redis/client';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { Claim, Seed } from '@tickwork/task/ports';
import { createRedis } from '../stack/redis.ts';

export const rowStamp = 1_700_000_000_000_000;
const claimMs = 15_000;

/** A Redis of its own, a storage over it, and the hash by hand, for what only time or a fault would bring about. */
export async function createRecords() {
  const server = await createRedis();
  const redis = createRedisClient({
    url: server.url,
    connectionName: 'test',
    commandTimeoutMs: 5000,
    onError: () => {},
  });
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  const storage = new RedisTaskStorage(redis, { claimMs, maxAttempts: 2 });
  const hash = (claim: { correlationId: string }) => `task:${claim.correlationId}`;
  return {
    redis,
    storage,
    claimMs,
    field: (claim: Claim, name: string) => redis.hget(hash(claim), name),
    set: (claim: Claim, fields: Record<string, string | number>) => redis.hset(hash(claim), fields),
    timeToLive: (claim: Claim) => redis.ttl(hash(claim)),
    /** What one whole scan names, by correlation_id. */
    scan: async (quietAgeMs?: number) => {
      const { cursor, found } = await storage.scanStep('0', quietAgeMs);
      if (cursor !== '0') throw new Error('the test has more keys than one step takes');
      return Object.fromEntries(found.map(({ correlationId, finding }) => [correlationId, finding]));
    },
    flush: () => redis.flushall(),
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}

export type Records = Awaited<ReturnType<typeof createRecords>>;

export function newTask(): Claim {
  return {
    correlationId: randomUUID(),
    id: randomUUID(),
    userId: randomUUID(),
    token: randomUUID(),
    traceparent: null,
  };
}

export function seedOf(claim: Claim, change: Partial<Seed> = {}): Seed {
  return { ...claim, status: 'pending', updatedAt: rowStamp, held: false, waitMs: 60_000, ...change };
}

/** The same task, claimed by somebody else. */
export function another(claim: Claim): Claim {
  return { ...claim, token: randomUUID() };
}
