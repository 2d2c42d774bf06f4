import { createRedisClient } from '@tickwork/runtime/redis/client';
import { defineScripts } from '@tickwork/runtime/redis/scripts';
import type { RecordsServer } from '../conformance/records-server.ts';
import { createRedis } from '../stack/redis.ts';

/** A Redis of its own, and the product's client to it. */
export async function connectToOwnRedis() {
  const server = await createRedis();
  const redis = createRedisClient({
    url: server.url,
    connectionName: 'test',
    commandTimeoutMs: 5000,
    onError: () => {},
  });
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  const close = async () => {
    redis.disconnect();
    await server.close();
  };
  return { redis, server, close };
}

/** Records in it. `patch` changes each of the scripts, the prelude before it included. */
export async function createRedisRecords(patch?: (lua: string) => string): Promise<RecordsServer> {
  const { redis, close } = await connectToOwnRedis();
  if (patch)
    defineScripts({
      defineCommand: (name, script) => redis.defineCommand(name, { ...script, lua: patch(script.lua) }),
    });
  const subscriber = redis.duplicate({ enableOfflineQueue: true });
  return {
    commands: redis,
    now: async () => {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1_000_000 + Number(microseconds);
    },
    fields: (key) => redis.hgetall(key),
    set: async (key, fields) => void (await redis.hset(key, fields)),
    setForeign: async (key) => void (await redis.set(key, 'somebody')),
    remove: async (key) => void (await redis.del(key)),
    timeToLive: (key) => redis.ttl(key),
    hint: async (key, member) => {
      const score = await redis.zscore(key, member);
      return score === null ? null : Number(score);
    },
    subscribe: async (channels, listener) => {
      subscriber.on('message', listener);
      await subscriber.subscribe(...channels);
    },
    flush: async () => void (await redis.flushall()),
    close: async () => {
      subscriber.disconnect();
      await close();
    },
  };
}
