import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { ConfigError, count, loadConfig } from '@tickwork/runtime/process/config';
import { Type } from 'typebox';
import { writeWhole } from './state.ts';

const variables = {
  supabase: ['POSTGRES_PORT', 'POSTGREST_PORT', 'SUPABASE_PORT'],
  redis: ['REDIS_PORT'],
  rabbitmq: ['RABBITMQ_PORT', 'RABBITMQ_EPMD_PORT', 'RABBITMQ_DIST_PORT'],
  tickwork: ['GATEWAY_PORT', 'GATEWAY_ADMIN_PORT', 'RECONCILER_ADMIN_PORT', 'WORKER_ADMIN_PORT'],
  observability: ['PROMETHEUS_PORT', 'TRACES_PORT'],
} as const;
export type Part = keyof typeof variables;
export type PortVariable = (typeof variables)[Part][number];
export type Ports = Readonly<Record<PortVariable, number>>;

/** What this process was given and may not be listening on yet. */
const reserved = new Set<number>();

/** A port that is free on loopback now, and that this process gave to nobody else. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (reserved.has(port)) return freePort();
  reserved.add(port);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface ChoosePorts {
  readonly parts: readonly Part[];
  readonly env: NodeJS.ProcessEnv;
  /** Holds the ports from run to run. */
  readonly file: string;
  /** Ports on which what an earlier run started listens. */
  readonly ours: ReadonlySet<number>;
}

/** What the environment sets, else the port of the last run, else a free one. Throws where a set port can't be had. */
export async function choosePorts({ parts, env, file, ours }: ChoosePorts): Promise<Ports> {
  const last: Record<string, number> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const names = parts.flatMap((part): readonly PortVariable[] => variables[part]);
  const available = async (name: string, port: number) =>
    (last[name] === port && ours.has(port)) || (await isFree(port));
  const set = readPorts(names, env);
  for (const [name, port] of Object.entries(set)) {
    if (await available(name, port)) continue;
    throw new ConfigError(`${name} must be a free port; something else listens on ${port}`);
  }
  const used = new Set(Object.values(set));
  for (const port of [...used, ...Object.values(last)]) reserved.add(port);
  const chosen: Record<string, number> = {};
  for (const name of names) {
    const port = last[name];
    const again = port !== undefined && !used.has(port) && (await available(name, port));
    const choice = set[name] ?? (again ? port : await freePort());
    used.add(choice);
    chosen[name] = choice;
  }
  writeWhole(file, JSON.stringify({ ...last, ...chosen }, null, 2));
  return chosen as Ports;
}

/** The ports that are set. */
export function readPorts(names: readonly PortVariable[], env: NodeJS.ProcessEnv): Record<string, number> {
  const wanted = names.filter((name) => env[name]);
  const schema = Object.fromEntries(wanted.map((name) => [name, count(0, { minimum: 1, maximum: 65_535 })]));
  const set = loadConfig(Type.Object(schema), env);
  const twice = wanted.filter((name) => wanted.some((other) => other !== name && set[other] === set[name]));
  if (twice.length > 0) throw new ConfigError(`${twice.join(' and ')} must be different ports`);
  return set;
}
