import { count, keyPrefix, milliseconds, port, text, url } from '@tickwork/runtime/process/config';
import { Type } from 'typebox';

/** The reconciler's environment. */
export const reconcilerConfig = Type.Object({
  SUPABASE_URL: url(['http:', 'https:']),
  SUPABASE_ANON_KEY: text(),
  SUPABASE_RECONCILER_TOKEN_FILE: text(),
  SUPABASE_TIMEOUT_MS: milliseconds(10_000, { minimum: 100, maximum: 60_000 }),
  REDIS_URL: url(['redis:', 'rediss:']),
  REDIS_KEY_PREFIX: keyPrefix(),
  RABBITMQ_URL: url(['amqp:', 'amqps:']),
  RABBITMQ_QUEUE: text({ default: 'tickwork.tasks' }),
  ADMIN_HOST: text({ default: '0.0.0.0' }),
  ADMIN_PORT: port(9464),
  /** How long a claim holds; the same as the worker's. */
  CLAIM_MS: milliseconds(15_000, { minimum: 1000, maximum: 600_000 }),
  MAX_ATTEMPTS: count(3, { minimum: 1, maximum: 100 }),
  /** Hints are looked at this often even if no message arrives. */
  HINT_INTERVAL_MS: milliseconds(500, { minimum: 50, maximum: 60_000 }),
  SCAN_INTERVAL_MS: milliseconds(30_000, { minimum: 100, maximum: 600_000 }),
  REPAIR_INTERVAL_MS: milliseconds(30_000, { minimum: 100, maximum: 600_000 }),
  /** Rows younger than this are still the gateway's to dispatch: longer than its SEED_LIMIT_MS. */
  REPAIR_MIN_AGE_MS: milliseconds(60_000, { minimum: 1000, maximum: 3_600_000 }),
  DISPATCH_WAIT_MS: milliseconds(300_000, { minimum: 1000, maximum: 3_600_000 }),
});
