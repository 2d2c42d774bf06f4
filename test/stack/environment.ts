import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackFolder } from './state.ts';

const file = join(stackFolder, 'env');

/** Writes `.stack/env`, to be sourced. */
export function writeEnv(env: Readonly<Record<string, string>>): void {
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** What `make up` wrote. Throws when it has not run. */
export function readEnv(): Record<string, string> {
  if (!existsSync(file)) throw new Error('there is no .stack/env; run make up first');
  const entries = readFileSync(file, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  return Object.fromEntries([...entries].map(([, name = '', value = '']) => [name, value]));
}

/**
 * What the user set beforehand, and so is not started; Supabase's group is whole or not there. A value that `.stack/env` holds
 * was sourced from there, and is not the user's.
 */
export function userEnv(all: NodeJS.ProcessEnv): Record<string, string> {
  const ours = existsSync(file) ? readEnv() : {};
  const env = Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== ours[name]));
  const supabase = ['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'SUPABASE_RECONCILER_TOKEN_FILE'];
  const missing = supabase.filter((name) => !env[name]);
  if (missing.length > 0 && missing.length < supabase.length) {
    throw new Error(`a Supabase of your own needs ${missing.join(' and ')} too`);
  }
  const names = [...supabase, 'REDIS_URL', 'RABBITMQ_URL', 'WORKER_RABBITMQ_URL'];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
