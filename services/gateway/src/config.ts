import {
  ConfigError,
  count,
  flag,
  keyPrefix,
  loadConfig,
  milliseconds,
  optional,
  port,
  text,
  url,
} from '@tickwork/runtime/process/config';
import { Type } from 'typebox';
import { originsPattern } from './http/origins.ts';
import { claimsOf } from './supabase/jwt.ts';

/** What the API and the reconciler both need. */
export const gatewaySettings = {
  SUPABASE_URL: url(['http:', 'https:']),
  SUPABASE_ANON_KEY: text(),
  SUPABASE_TIMEOUT_MS: milliseconds(10_000, { minimum: 100, maximum: 60_000 }),
  REDIS_URL: url(['redis:', 'rediss:']),
  REDIS_KEY_PREFIX: keyPrefix(),
  RABBITMQ_URL: url(['amqp:', 'amqps:']),
  RABBITMQ_QUEUE: text({ default: 'tickwork.tasks' }),
  ADMIN_HOST: text({ default: '0.0.0.0' }),
  ADMIN_PORT: port(9464),
  DISPATCH_WAIT_MS: milliseconds(300_000, { minimum: 1000, maximum: 3_600_000 }),
};

const schema = Type.Object({
  ...gatewaySettings,
  /** For legacy projects that sign with a shared secret; it could sign too, so prefer signing keys. */
  SUPABASE_JWT_SECRET: optional(text()),
  /** Where tokens name the project by another address than the one it is reached at. */
  SUPABASE_JWT_ISSUER: optional(text()),
  HOST: text({ default: '0.0.0.0' }),
  PORT: port(8080),
  /** Users whom Supabase lets in without a sign-in. */
  ALLOW_ANONYMOUS_USERS: flag(false),
  /** Whose pages may call from a browser: origins, also with `*` for one name of the host or the port; or `*`. None when empty. */
  CORS_ORIGINS: optional(text({ pattern: originsPattern })),
  /** Submits, retries, cancels and deletes of one user, in each process. */
  WRITES_PER_MINUTE: count(60, { minimum: 1, maximum: 100_000 }),
  /** Where this system's source is, for `/system-info`. */
  SOURCE_URL: optional(url(['http:', 'https:'])),
  /** What seeding and publishing may add to a submit. */
  DISPATCH_BUDGET_MS: milliseconds(300, { minimum: 1, maximum: 10_000 }),
  /** After this the reconciler dispatches: shorter than its REPAIR_MIN_AGE_MS. */
  SEED_LIMIT_MS: milliseconds(10_000, { minimum: 100, maximum: 60_000 }),
  /** How long a change that Redis does not tell of, as an owner's in Supabase itself, may stay unseen by who watches. */
  WATCH_REREAD_MS: milliseconds(30_000, { minimum: 1000, maximum: 300_000 }),
  /** Event streams, and requests that wait, at once: of this process, and of one user here. */
  MAX_WATCHERS: count(5000, { minimum: 1, maximum: 100_000 }),
  MAX_WATCHERS_PER_USER: count(100, { minimum: 1, maximum: 100_000 }),
  SEED_WAIT_MS: milliseconds(60_000, { minimum: 1000, maximum: 3_600_000 }),
});

/** The API's environment. */
export function loadApiConfig(env: NodeJS.ProcessEnv) {
  refuseSecretKeys(env);
  return loadConfig(schema, env);
}

/** A key that passes row-level security has no place here, under whichever name. Throws ConfigError. */
export function refuseSecretKeys(env: NodeJS.ProcessEnv): void {
  if (env['SUPABASE_SERVICE_ROLE_KEY']) {
    throw new ConfigError(
      'SUPABASE_SERVICE_ROLE_KEY must not be set: the gateway acts with tokens that have fewer rights',
    );
  }
  const key = env['SUPABASE_ANON_KEY'] ?? '';
  if (key.startsWith('sb_secret_') || claimsOf(key)?.['role'] === 'service_role') {
    throw new ConfigError('SUPABASE_ANON_KEY must be the publishable (anon) key, and it holds a secret one');
  }
}
