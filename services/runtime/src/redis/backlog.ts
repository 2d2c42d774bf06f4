import type { Redis } from 'ioredis';
import { taskKeys } from './keys.ts';

/** How many tasks wait or are being worked on. By a hint, so near the truth, and at no cost. */
export function countUnfinished(redis: Redis, keyPrefix: string): Promise<number> {
  return redis.zcard(taskKeys(keyPrefix).due);
}

/** How many records hold what Supabase has not confirmed yet. By a hint too. */
export function countAhead(redis: Redis, keyPrefix: string): Promise<number> {
  return redis.zcard(taskKeys(keyPrefix).ahead);
}
