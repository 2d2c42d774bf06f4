import type { RecordCommands } from '@tickwork/runtime/redis/scripts';
import * as dispatch from './redis-dispatch-scripts.ts';
import { Keyspace, type Listener } from './redis-keyspace.ts';
import { createScriptRun, type Script } from './redis-prelude.ts';
import type { RecordProtection } from './redis-protections.ts';
import * as scan from './redis-scan.ts';
import type { KeyspaceState } from './redis-state.ts';
import * as sync from './redis-sync-scripts.ts';
import * as worker from './redis-worker-scripts.ts';

export interface MemoryRedisOptions {
  /** Redis' TIME, in microseconds. */
  readonly now: () => number;
  /** What its scripts don't guard against. */
  readonly without?: ReadonlySet<RecordProtection>;
}

/** As ioredis has it. */
interface Connection {
  on(event: 'close', listener: () => void): unknown;
}

export interface MemoryRedis {
  /** What a client can do. Each command is one step: it has happened when its promise is made. */
  readonly commands: RecordCommands & Connection;
  /** Hears both channels, within the command that publishes. The answer ends it. */
  subscribe(listener: Listener): () => void;
  /** FLUSHALL. */
  flush(): void;
  /** A deep copy of all there is. */
  snapshot(): KeyspaceState;
  /** A failover that loses the writes since then, and all connections. */
  restore(snapshot: KeyspaceState): void;
  loseConnections(): void;
  /** Drops what has expired by now; each command does that first, too. */
  expireDue(): void;
  /** Every hash by its key, as it is: a view, not a copy. */
  records(): ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Members and scores of a zset: a view, not a copy. */
  hints(key: string): ReadonlyMap<string, number>;
  /** HSET. */
  set(key: string, fields: Readonly<Record<string, string | number>>): void;
  /** Puts something there that is no hash. */
  setForeign(key: string): void;
  remove(key: string): void;
  /** Seconds; -1 for a key that stays, -2 where there is none. */
  timeToLive(key: string): number;
}

/**
 * A Redis in memory for the records' scripts. The files beside this one mirror the Lua files, condition by condition; the
 * conformance suite and a test of random commands hold both to the same answers.
 */
export function createMemoryRedis({ now, without = new Set() }: MemoryRedisOptions): MemoryRedis {
  const redis = new Keyspace(now);
  const closeListeners: (() => void)[] = [];

  function command<Answer>(script: Script<Answer>) {
    return async (...keysAndArguments: (string | number)[]): Promise<Answer> => {
      redis.expireDue();
      return script(createScriptRun(redis, without, keysAndArguments));
    };
  }

  const commands: RecordCommands & Connection = {
    on: (_event, listener) => closeListeners.push(listener),
    taskSeed: command(dispatch.seed),
    taskScheduleDispatch: command(dispatch.scheduleDispatch),
    taskClaim: command(worker.claim),
    taskUpdate: command(worker.update),
    taskResume: command(worker.resume),
    taskHandBack: command(worker.handBack),
    taskConfirm: command(sync.confirm),
    taskSettle: command(sync.settle),
    taskRebase: command(sync.rebase),
    taskFail: command(sync.fail),
    taskRelease: command(dispatch.release),
    taskReopen: command(sync.reopen),
    taskScanStep: command(scan.scanStep),
    taskHinted: command(scan.hinted),
    hmget: async (key, ...fields) => {
      redis.expireDue();
      return fields.map((field) => redis.hget(key, field));
    },
  };

  const loseConnections = () => {
    for (const listener of closeListeners) listener();
  };

  return {
    commands,
    subscribe: (listener) => redis.subscribe(listener),
    flush: () => redis.flush(),
    snapshot: () => redis.snapshot(),
    restore: (snapshot) => {
      redis.restore(snapshot);
      loseConnections();
    },
    loseConnections,
    expireDue: () => redis.expireDue(),
    records: () => redis.hashes(),
    hints: (key) => redis.sortedSet(key),
    set: (key, fields) => redis.hset(key, ...Object.entries(fields).flat()),
    setForeign: (key) => redis.setOther(key),
    remove: (key) => redis.del(key),
    timeToLive: (key) => redis.ttl(key),
  };
}
