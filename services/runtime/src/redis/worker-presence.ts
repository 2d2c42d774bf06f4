import type { Redis } from 'ioredis';
import { workersKey } from './keys.ts';
import { defineWorkerScripts } from './scripts.ts';

export interface Worker {
  readonly id: string;
  readonly version: string;
}

export interface WorkerPresence {
  /** To be said again within `presenceMs`, else the worker counts as gone. */
  announce(worker: Worker): Promise<void>;
  leave(worker: Worker): Promise<void>;
  alive(): Promise<readonly Worker[]>;
}

/** Three times the pause between two announcements, so that one may fail. */
const presenceMs = 15_000;
export const announceEveryMs = presenceMs / 3;

/** Which workers there are, for people to see; nothing depends on it. */
export function createWorkerPresence(redis: Redis, keyPrefix: string): WorkerPresence {
  defineWorkerScripts(redis);
  const key = workersKey(keyPrefix);
  const presence = presenceMs * 1000;
  const memberOf = ({ id, version }: Worker) => `${id} ${version}`;
  return {
    announce: async (worker) => void (await redis.workerAnnounce(key, memberOf(worker), presence)),
    leave: async (worker) => void (await redis.zrem(key, memberOf(worker))),
    alive: async () => (await redis.workersAlive(key, presence)).map(toWorker),
  };
}

function toWorker(member: string): Worker {
  const [id = '', version = ''] = member.split(' ');
  return { id, version };
}
