import { Redis } from 'ioredis';
import { defineScripts } from './scripts.ts';

export interface RedisClientOptions {
  readonly url: string;
  readonly connectionName: string;
  /** How long one command may take, the connection included. */
  readonly commandTimeoutMs: number;
  /** Losses of the connection; the client reconnects by itself. */
  readonly onError: (error: Error) => void;
}

/**
 * A client that fails fast: without a connection a command rejects at once instead of waiting for one, and what was under way
 * when it broke rejects too. Callers decide what to try again. It knows the records' scripts. Starts to connect; never throws for a
 * server that is away.
 */
export function createRedisClient({
  url,
  connectionName,
  commandTimeoutMs,
  onError,
}: RedisClientOptions): Redis {
  const redis = new Redis(url, {
    connectionName,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.random() * Math.min(2000, 50 * 2 ** Math.min(attempt, 10)) + 20,
  });
  defineScripts(redis);
  redis.on('error', onError);
  return redis;
}

/** Looks at the server each time it comes up: a cluster can't carry Tickwork's records, an evicting one loses them. */
export function watchRedis(
  redis: Redis,
  { onAdvice, onUnsupported }: { onAdvice: (advice: string) => void; onUnsupported: (error: Error) => void },
): void {
  redis.on('ready', () => {
    redis.info().then(
      (info) => {
        if (/^cluster_enabled:1/m.test(info)) return onUnsupported(new Error(noCluster));
        const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
        if (policy && policy !== 'noeviction')
          onAdvice(`Redis evicts by ${policy}: set maxmemory-policy to noeviction`);
      },
      () => {}, // it went away again; the next time tells
    );
  });
}

const noCluster =
  'REDIS_URL is a Redis Cluster; Tickwork needs one primary (standalone, Sentinel or managed without cluster mode)';
