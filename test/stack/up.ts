import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand } from '@tickwork/runtime/process/run-command';
import { type ChosenAgent, readChosenAgent } from './chosen-agent.ts';
import { runDemo } from './demo.ts';
import { readEnv, readUserEnv, type UserEnv, writeEnv } from './environment.ts';
import { takeLock } from './lock.ts';
import { readObservability, readTelemetryEnv, startObservability, traceAddress } from './observability.ts';
import { choosePorts, type Part, type Ports } from './ports.ts';
import { startRabbit } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import { startServices } from './services.ts';
import { credentials, signIn } from './sign-in.ts';
import { stackFolder as folder, isRunning, readStarted, stop, writeWhole } from './state.ts';
import { startSupabase } from './supabase.ts';

type Variables = Record<string, string>;
const print = (line: string) => process.stdout.write(`${line}\n`);
const done = (what: string) => print(`  ${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${what}`);

/** Kept from run to run. A worker is not: its agent's code may have changed. */
const processesOf: Record<Part, readonly string[]> = {
  supabase: ['postgres', 'postgrest', 'front'],
  redis: ['redis'],
  rabbitmq: ['epmd', 'rabbitmq'],
  observability: ['prometheus', 'traces'],
  tickwork: ['api', 'reconciler'],
};

async function up(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  takeLock(join(folder, 'lock'));
  const user = readUserEnv(process.env, readEnv()?.made ?? {});
  // make itself stands in the repository, also where it was called from elsewhere by -C.
  const agent = readChosenAgent(
    process.env,
    [process.env['USER_FOLDER'] ?? '', process.cwd()].filter(Boolean),
  );
  const parts = wantedParts(user, readObservability(process.env));
  const started = readStarted(folder);
  const running = started.filter(isRunning);
  // A killed client's container still has the port.
  await Promise.all(started.filter((one) => !running.includes(one)).map((one) => stop(one)));
  const ours = new Set(running.flatMap((one) => one.ports));
  const ports = await choosePorts({ parts, env: process.env, file: join(folder, 'ports.json'), ours });
  const kept = parts.flatMap((part) => processesOf[part]);
  await Promise.all(running.filter(({ name }) => !kept.includes(name)).map((one) => stop(one)));
  const { given, made } = await startParts(user, { parts, ports, agent });
  writeEnv({ given, made });
  await demonstrate({ ...given, ...made }, agent, user.SUPABASE_URL !== undefined);
}

function wantedParts(user: UserEnv, observed: boolean): Part[] {
  const supabase: Part[] = user.SUPABASE_URL ? [] : ['supabase'];
  const redis: Part[] = user.REDIS_URL ? [] : ['redis'];
  const rabbitmq: Part[] = user.RABBITMQ_URL ? [] : ['rabbitmq'];
  const observability: Part[] = observed ? ['observability'] : [];
  return [...supabase, ...redis, ...rabbitmq, ...observability, 'tickwork'];
}

interface Chosen {
  readonly parts: readonly Part[];
  readonly ports: Ports;
  readonly agent: ChosenAgent;
}

async function startParts(user: UserEnv, { parts, ports, agent }: Chosen) {
  print(`starting what does not run yet of ${parts.join(', ')}`);
  const { SUPABASE_RECONCILER_TOKEN, SUPABASE_JWT_SECRET, SUPABASE_JWT_ISSUER, ...given } = user;
  const { SUPABASE_RECONCILER_TOKEN_FILE: tokenFile } = given;
  if (tokenFile) given.SUPABASE_RECONCILER_TOKEN_FILE = resolve(tokenFile);
  const starting = parts.map((part) => startPart[part](ports));
  const made: Variables = Object.assign(
    writeToken(SUPABASE_RECONCILER_TOKEN),
    ...(await Promise.all(starting)),
  );
  const { LOG_LEVEL } = process.env;
  const telemetry = readTelemetryEnv(process.env, made);
  const env = { LOG_LEVEL, ...telemetry, SUPABASE_JWT_SECRET, SUPABASE_JWT_ISSUER, ...given, ...made };
  Object.assign(made, await startServices({ folder, ports, env, agent }));
  done(`gateway, reconciler, and a worker with the agent ${agent.name}`);
  return { given, made };
}

const startPart: Record<Part, (ports: Ports) => Promise<Variables>> = {
  supabase: async (ports) => {
    const supabase = await startSupabase(folder, ports);
    done('PostgreSQL, migrated; PostgREST and the front server');
    return supabase;
  },
  redis: async ({ REDIS_PORT: port }) => {
    const { address } = await startRedis({ folder, port });
    done('Redis');
    return { REDIS_URL: address };
  },
  rabbitmq: async (ports) => {
    const { RABBITMQ_PORT: port, RABBITMQ_EPMD_PORT: epmdPort, RABBITMQ_DIST_PORT: distributionPort } = ports;
    const { url, workerUrl } = await startRabbit({ folder, port, epmdPort, distributionPort });
    done('RabbitMQ');
    return { RABBITMQ_URL: url, WORKER_RABBITMQ_URL: workerUrl };
  },
  observability: async (ports) => {
    const observability = await startObservability(folder, ports);
    done('Prometheus and the trace viewer');
    return observability;
  },
  tickwork: async () => ({}),
};

/** A reconciler reads its token from a file. */
function writeToken(token: string | undefined): Variables {
  if (!token) return {};
  const file = join(folder, 'reconciler.token');
  writeWhole(file, token);
  return { SUPABASE_RECONCILER_TOKEN_FILE: file };
}

async function demonstrate(env: Variables, agent: ChosenAgent, isOwnProject: boolean): Promise<void> {
  const { SUPABASE_URL: url = '', SUPABASE_ANON_KEY: anonKey = '', GATEWAY_URL = '' } = env;
  const user = credentials(process.env, isOwnProject);
  const token = process.env['TICKWORK_TOKEN'] ?? (user && (await signIn({ url, anonKey, ...user })));
  let failure: unknown = null;
  let correlationId = '';
  if (token) {
    print(`\nA task for the agent ${agent.name}, from submit to result:`);
    // An agent that calls a model or a service takes its time.
    const timeoutMs = agent.name === 'demo' ? 60_000 : 300_000;
    const onSubmitted = (id: string) => {
      correlationId = id;
    };
    const demo = { gatewayUrl: GATEWAY_URL, token, print, timeoutMs, onSubmitted };
    failure = await runDemo(demo).catch((error) => error);
  } else {
    print('Set TICKWORK_TOKEN, or TICKWORK_EMAIL and TICKWORK_PASSWORD, and a task is run here.');
  }
  print(overview(env, correlationId));
  if (!failure) return;
  const reason = failure instanceof Error ? failure.message : String(failure);
  throw new Error(
    `everything runs, but this task got no result: ${reason}\nThe worker's log is .stack/worker.log`,
  );
}

/** Where all is, and what to do next. */
function overview(env: Variables, correlationId: string): string {
  const { GATEWAY_URL = '', SUPABASE_URL, PROMETHEUS_URL, TRACES_URL } = env;
  const addresses = {
    Gateway: GATEWAY_URL,
    Supabase: SUPABASE_URL,
    Prometheus: PROMETHEUS_URL,
    Traces: TRACES_URL,
    'Its trace': traceAddress(process.env, env, correlationId),
  };
  const lines = Object.entries(addresses).flatMap(([name, address]) =>
    address ? [`${name.padEnd(12)}${address}`] : [],
  );
  return `
${lines.join('\n')}
Submit      curl -H "Authorization: Bearer $(make -s token)" -H 'Content-Type: application/json' \\
              -d '{"mandate":"Say hello. Say goodbye."}' ${GATEWAY_URL}/tasks
More        source .stack/env, make status, make logs
Stop        make down`;
}

await runCommand(up);
