import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '@tickwork/runtime/process/config';

/** The agent that the worker is to run, and what the user set for it. */
export interface ChosenAgent {
  readonly name: string;
  /** From where the worker looks for it, where it is a module. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Of the agents that come with the worker, and AGENT_ for any other. */
const prefixes = ['AGENT_', 'LLM_', 'WEB_SEARCH_', 'FETCH_', 'DEMO_'];
/** A worker's limits, and what it trusts when an agent calls someone by TLS. */
const settings = [
  'CONCURRENCY',
  'TASK_TIMEOUT_MS',
  'TICK_TIMEOUT_MS',
  'RESULT_LIMIT_BYTES',
  'NODE_EXTRA_CA_CERTS',
];

/** Reads AGENT, its variables, and those that AGENT_ENV names. A path counts from the first of the folders that has it. */
export function readChosenAgent(env: NodeJS.ProcessEnv, folders: readonly string[]): ChosenAgent {
  const name = env['AGENT'] || 'demo';
  const isPath = /^(\.{0,2}\/)/.test(name);
  const folder = folders.find((one) => !isPath || existsSync(resolve(one, name)));
  if (!folder) throw new ConfigError(`AGENT must be a file that exists: there is no ${name}`);
  const { AGENT_ENV: named = '', ...others } = env;
  const wanted = [...settings, ...named.split(/[\s,]+/).filter(Boolean)];
  for (const foreign of wanted.filter((one) => one.startsWith('SUPABASE_')))
    throw new ConfigError(`AGENT_ENV must not name ${foreign}: a worker has no access to Supabase`);
  const chosen = Object.entries(others).flatMap(([variable, value]) =>
    value && (wanted.includes(variable) || prefixes.some((prefix) => variable.startsWith(prefix)))
      ? [[variable, value] as const]
      : [],
  );
  return { name, folder, env: Object.fromEntries(chosen) };
}
