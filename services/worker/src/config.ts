import {
  ConfigError,
  count,
  keyPrefix,
  loadConfig,
  milliseconds,
  port,
  text,
  url,
} from '@tickwork/runtime/process/config';
import { Type } from 'typebox';

const schema = Type.Object({
  REDIS_URL: url(['redis:', 'rediss:']),
  REDIS_KEY_PREFIX: keyPrefix(),
  RABBITMQ_URL: url(['amqp:', 'amqps:']),
  RABBITMQ_QUEUE: text({ default: 'tickwork.tasks' }),
  AGENT: text({ default: 'demo' }),
  CONCURRENCY: count(4, { minimum: 1, maximum: 100 }),
  /** How long a claim holds; the same as the reconciler's. */
  CLAIM_MS: milliseconds(15_000, { minimum: 1000, maximum: 600_000 }),
  MAX_ATTEMPTS: count(3, { minimum: 1, maximum: 100 }),
  /** How long an agent may run for one task, over all attempts: a day, and at most a week. */
  TASK_TIMEOUT_MS: milliseconds(86_400_000, { minimum: 1000, maximum: 604_800_000 }),
  /** How long it may go without a tick or a checkpoint. */
  TICK_TIMEOUT_MS: milliseconds(600_000, { minimum: 1000, maximum: 86_400_000 }),
  /** Of a result as JSON. Supabase takes no larger one than the preset. */
  RESULT_LIMIT_BYTES: count(1_048_576, { minimum: 1024, maximum: 1_048_576 }),
  ADMIN_HOST: text({ default: '0.0.0.0' }),
  ADMIN_PORT: port(9464),
});

/** The worker's environment. One that names Supabase is a mistake: workers are isolated from it. */
export function loadWorkerConfig(env: NodeJS.ProcessEnv) {
  const foreign = Object.keys(env).find((name) => name.startsWith('SUPABASE_'));
  if (foreign) throw new ConfigError(`${foreign} must not be set: a worker has no access to Supabase`);
  return loadConfig(schema, env);
}
