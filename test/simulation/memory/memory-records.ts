import type { RecordsServer } from '../../conformance/records-server.ts';
import type { MemoryRedis } from './redis.ts';

/** A Redis in memory, for the tests that a real one passes too. */
export function memoryRecords(redis: MemoryRedis, now: () => number): RecordsServer {
  return {
    commands: redis.commands,
    now: async () => now(),
    fields: async (key) => Object.fromEntries(redis.records().get(key) ?? []),
    set: async (key, fields) => redis.set(key, fields),
    setForeign: async (key) => redis.setForeign(key),
    remove: async (key) => redis.remove(key),
    timeToLive: async (key) => redis.timeToLive(key),
    hint: async (key, member) => redis.hints(key).get(member) ?? null,
    subscribe: async (channels, listener) => {
      redis.subscribe((channel, message) => channels.includes(channel) && listener(channel, message));
    },
    flush: async () => redis.flush(),
    close: async () => {},
  };
}
