import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { inject } from 'vitest';
import { closeLater } from './close-later.ts';
import { createProject, type Project } from './fixture.ts';
import { freePort } from './ports.ts';
import { createRedis } from './redis.ts';
import { pause, readStarted, resume, stop } from './state.ts';
import { type Service, startService } from './tickwork.ts';
import { waitFor } from './wait-for.ts';

export interface TaskJson {
  readonly id: string;
  readonly correlation_id: string;
  readonly status: string;
  readonly mandate: string;
  readonly max_ticks: number;
  readonly tick: number | null;
  readonly result: {
    readonly success: boolean;
    readonly deliverables: readonly string[];
    readonly notes: string;
  } | null;
  readonly error: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Waits are cut short, so that a lost task is found in seconds; each is a setting of the product. */
const quick = {
  CLAIM_MS: '2000',
  SCAN_INTERVAL_MS: '1000',
  REPAIR_INTERVAL_MS: '1000',
  REPAIR_MIN_AGE_MS: '3000',
};

/** What can run: one of each service, and one worker and one reconciler more. */
export type Instance = Service | 'other_worker' | 'other_reconciler';
const others: Readonly<Partial<Record<Instance, Service>>> = {
  other_worker: 'worker',
  other_reconciler: 'reconciler',
};

export interface TickworkOptions {
  /** Replaces the shared broker. */
  readonly rabbit?: { readonly url: string; readonly workerUrl: string };
  /** Replaces one of its own; closed with it. */
  readonly project?: Project;
  /** Which are started at once; the others by `start`. */
  readonly services?: readonly Instance[];
  /** Added to what each gets. */
  readonly extraEnv?: Partial<Record<Instance, Readonly<Record<string, string>>>>;
}

/** The product's processes over a Redis and a queue of their own. Closed where the start fails half way. */
export async function startTickwork(options: TickworkOptions = {}) {
  const { extraEnv = {} } = options;
  const shared = inject('services');
  const rabbit = options.rabbit ?? { url: shared.rabbitUrl, workerUrl: shared.workerRabbitUrl };
  const base = resolve(import.meta.dirname, '../../.stack');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, 'acceptance-'));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [project, redis] = await Promise.all([
    closeLater(starting, options.project ? Promise.resolve(options.project) : createProject()),
    closeLater(starting, createRedis()),
  ]);
  const tokenFile = join(folder, 'reconciler.token');
  writeFileSync(tokenFile, project.reconcilerToken);
  const ports: Record<Instance, number> = {
    api: await freePort(),
    reconciler: await freePort(),
    worker: await freePort(),
    other_worker: await freePort(),
    other_reconciler: await freePort(),
  };
  const port = await freePort();
  const queue = { RABBITMQ_QUEUE: `test.${randomUUID()}`, REDIS_URL: redis.url };
  const supabase = { SUPABASE_URL: project.url, SUPABASE_ANON_KEY: project.anonKey };
  const gateway = { ...queue, ...supabase, RABBITMQ_URL: rabbit.url };
  const worker = {
    ...queue,
    RABBITMQ_URL: rabbit.workerUrl,
    CLAIM_MS: quick.CLAIM_MS,
    DEMO_TICK_MS: '100',
  };
  const reconciler = { ...gateway, ...quick, SUPABASE_RECONCILER_TOKEN_FILE: tokenFile };
  const env: Record<Instance, Record<string, string>> = {
    api: { ...gateway, HOST: '127.0.0.1', PORT: String(port), SEED_LIMIT_MS: '1000', SEED_WAIT_MS: '2000' },
    reconciler,
    other_reconciler: reconciler,
    worker,
    other_worker: worker,
  };
  const running = new Map<Instance, Awaited<ReturnType<typeof startService>>>();
  const start = async (name: Instance) => {
    running.set(
      name,
      await startService({
        service: others[name] ?? (name as Service),
        name,
        folder,
        adminPort: ports[name],
        env: { ...env[name], ...extraEnv[name] },
      }),
    );
  };
  starting.defer(async () => {
    await Promise.all(readStarted(folder).map((one) => stop(one)));
  });
  const started = (name: Instance) => {
    const child = running.get(name);
    if (!child) throw new Error(`${name} was not started`);
    return child;
  };
  await Promise.all((options.services ?? ['api', 'reconciler', 'worker']).map(start));
  const url = `http://127.0.0.1:${port}`;
  await waitFor('the gateway to reach RabbitMQ', async () => {
    const health = (await (await fetch(`${url}/health`)).json()) as { status: string };
    return health.status === 'ok';
  });
  const all = starting.move();
  return {
    url,
    redis,
    project,
    queue: queue.RABBITMQ_QUEUE,
    env,
    tokenFile,
    adminPorts: ports,
    /** Its lines so far. */
    log: (name: Instance) => readFileSync(join(folder, `${name}.log`), 'utf8'),
    /** What this process measures now, as Prometheus reads it. */
    metrics: async (name: Instance) => (await fetch(`http://127.0.0.1:${ports[name]}/metrics`)).text(),
    start,
    kill: async (name: Instance, signal: NodeJS.Signals = 'SIGKILL') => {
      const child = running.get(name);
      if (child) await stop(child, signal);
    },
    /** As SIGSTOP: it keeps its connections, and does nothing until `resume`. */
    pause: (name: Instance) => pause(started(name)),
    resume: (name: Instance) => resume(started(name)),
    close: () => all.disposeAsync(),
  };
}

/** A user who signed in with stock supabase-js, and the calls that a frontend makes. */
export async function signIn({ url: gatewayUrl, project }: { url: string; project: Project }) {
  const supabase = createClient(project.url, project.anonKey, { auth: { persistSession: false } });
  const email = `${randomUUID()}@example.com`;
  const { data, error } = await supabase.auth.signInWithPassword({ email, password: 'tickwork-demo' });
  if (error) throw error;
  const token = data.session.access_token;
  const call = (path: string, init: RequestInit = {}) =>
    fetch(gatewayUrl + path, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
    });
  const post = (body: unknown) => call('/tasks', { method: 'POST', body: JSON.stringify(body) });
  const read = async (id: string) => (await (await call(`/tasks/${id}`)).json()) as TaskJson;
  return {
    supabase,
    token,
    call,
    post,
    read,
    submit: async (mandate: string): Promise<TaskJson> => {
      const response = await post({ mandate });
      if (response.status !== 202) throw new Error(`the submit answered ${response.status}`);
      return (await response.json()) as TaskJson;
    },
    untilStatus: (id: string, ...statuses: string[]) =>
      waitFor(
        `${id} to be ${statuses.join(' or ')}`,
        async () => {
          const task = await read(id);
          return statuses.includes(task.status) ? task : null;
        },
        { timeoutMs: 40_000 },
      ),
  };
}
