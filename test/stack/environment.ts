import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig, optional, text, url } from '@tickwork/runtime/process/config';
import { type Static, Type } from 'typebox';
import { stackFolder, writeWhole } from './state.ts';

type Variables = Readonly<Record<string, string>>;
const file = join(stackFolder, 'env');
const headings = { made: '# made by make up', given: '# set before make up' };

export interface StackEnv {
  readonly made: Variables;
  /** What the user set beforehand. */
  readonly given: Variables;
}

/** Writes `.stack/env`, to be sourced. */
export function writeEnv({ made, given }: StackEnv): void {
  const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  const lines = (env: Variables) =>
    Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  writeWhole(file, [headings.made, ...lines(made), headings.given, ...lines(given), ''].join('\n'));
}

/** What `make up` wrote; null when it has not run. */
export function readEnv(): StackEnv | null {
  if (!existsSync(file)) return null;
  const [made = '', given = ''] = readFileSync(file, 'utf8').split(headings.given);
  const read = (part: string) =>
    Object.fromEntries(
      [...part.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [
        name,
        value.replaceAll(`'\\''`, "'"),
      ]),
    );
  return { made: read(made), given: read(given) };
}

const schema = Type.Object({
  SUPABASE_URL: optional(url(['http:', 'https:'])),
  SUPABASE_ANON_KEY: optional(text()),
  SUPABASE_RECONCILER_TOKEN: optional(text()),
  SUPABASE_RECONCILER_TOKEN_FILE: optional(text()),
  SUPABASE_JWT_SECRET: optional(text()),
  SUPABASE_JWT_ISSUER: optional(text()),
  REDIS_URL: optional(url(['redis:', 'rediss:'])),
  RABBITMQ_URL: optional(url(['amqp:', 'amqps:'])),
  WORKER_RABBITMQ_URL: optional(url(['amqp:', 'amqps:'])),
});
export type UserEnv = Static<typeof schema>;

/** What the user set beforehand, and so is not started. A value that make up made was sourced, and is not the user's. */
export function readUserEnv(all: NodeJS.ProcessEnv, made: Variables): UserEnv {
  const own = Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== made[name]));
  const env = loadConfig(schema, own);
  const supabase = Object.keys(env).some((name) => name.startsWith('SUPABASE_'));
  for (const name of ['SUPABASE_URL', 'SUPABASE_ANON_KEY'] as const) {
    if (supabase && !env[name]) throw new ConfigError(`${name} must be set for a Supabase of your own`);
  }
  const { SUPABASE_RECONCILER_TOKEN: token, SUPABASE_RECONCILER_TOKEN_FILE: tokenFile } = env;
  if (supabase && Boolean(token) === Boolean(tokenFile)) {
    throw new ConfigError(
      'SUPABASE_RECONCILER_TOKEN or SUPABASE_RECONCILER_TOKEN_FILE must be set for a Supabase of your own, and not both',
    );
  }
  if (tokenFile && !existsSync(tokenFile)) {
    throw new ConfigError('SUPABASE_RECONCILER_TOKEN_FILE must be a file that exists');
  }
  if (env.WORKER_RABBITMQ_URL && !env.RABBITMQ_URL) {
    throw new ConfigError('RABBITMQ_URL must be set where WORKER_RABBITMQ_URL is');
  }
  return env;
}
