import { ConfigError } from '@tickwork/runtime/process/config';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { Agent, CreateAgent } from './agent.ts';
import { findModule } from './find-module.ts';

/** Each is imported only where it is chosen, as what it needs may be much. */
const builtIn: Readonly<Record<string, () => Promise<{ createAgent: CreateAgent }>>> = {
  demo: () => import('./demo.ts'),
  http: () => import('./http/http.ts'),
  llm: () => import('./llm/llm.ts'),
};

export interface LoadSettings {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** From where a module is looked for. */
  readonly folder: string;
}

/**
 * The agent that AGENT names: a built-in one, or one that a module exports as `createAgent`. Throws ConfigError with a sentence that
 * says what failed; its stack is logged at debug.
 */
export async function loadAgent(name: string, settings: LoadSettings): Promise<Agent> {
  const createAgent = readExport(await importAgent(name, settings), name);
  const agent = await create(createAgent, name, settings);
  if (isAgent(agent)) return agent;
  throw new ConfigError(`AGENT: what createAgent of ${name} gave has no function run`);
}

async function importAgent(name: string, { folder, log }: LoadSettings): Promise<Record<string, unknown>> {
  const load = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  if (load) return { ...(await load()) };
  const url = findModule(name, folder);
  if (!url) {
    const names = Object.keys(builtIn).join(', ');
    throw new ConfigError(
      `AGENT must be one of ${names}, or a module: there is no ${name}, seen from ${folder} (a path begins with ./, ../ or /)`,
    );
  }
  try {
    return await import(url);
  } catch (error) {
    log.debug({ err: error }, 'the agent cannot be imported');
    throw new ConfigError(`AGENT: ${name} can't be imported: ${sentenceOf(error)}`);
  }
}

function readExport({ createAgent }: Record<string, unknown>, name: string): CreateAgent {
  if (typeof createAgent === 'function') return createAgent as CreateAgent;
  throw new ConfigError(`AGENT: ${name} exports no function createAgent`);
}

async function create(createAgent: CreateAgent, name: string, { env, log }: LoadSettings): Promise<unknown> {
  try {
    return await createAgent({ env, log });
  } catch (error) {
    // By name, as a module may come with a copy of its own of this class.
    if (error instanceof Error && error.name === 'ConfigError') throw new ConfigError(error.message);
    log.debug({ err: error }, 'createAgent failed');
    throw new ConfigError(`AGENT: createAgent of ${name} failed: ${sentenceOf(error)}`);
  }
}

const isAgent = (agent: unknown): agent is Agent =>
  typeof agent === 'object' && agent !== null && 'run' in agent && typeof agent.run === 'function';

/** What follows the first line of a syntax error is its place and the source. */
const sentenceOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
