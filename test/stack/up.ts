import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { runDemo } from './demo.ts';
import { userEnv, writeEnv } from './environment.ts';
import { freePort } from './ports.ts';
import { migrate, startPostgres } from './postgres.ts';
import { startPostgrest } from './postgrest.ts';
import { start } from './processes.ts';
import { startRabbit } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import { stackFolder as folder, remember, stopAll } from './state.ts';
import { startService } from './tickwork.ts';
import { createTokens, generateSigningKey } from './tokens.ts';
import { waitFor } from './wait-for.ts';

const password = 'tickwork-demo';
const print = (line: string) => process.stdout.write(`${line}\n`);
const begun = performance.now();
const done = (what: string) =>
  print(`  ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${what}`);

async function portFor(variable: string): Promise<number> {
  return process.env[variable] ? Number(process.env[variable]) : freePort();
}

async function signingKey() {
  const file = join(folder, 'signing-key.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await generateSigningKey()), { mode: 0o600 });
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function supabase(): Promise<Record<string, string>> {
  const key = await signingKey();
  const postgresPort = await portFor('POSTGRES_PORT');
  const postgres = await startPostgres({ folder, port: postgresPort, onStart: remember });
  await migrate(postgres.url('supabase_admin'), postgres.url('postgres'));
  done('PostgreSQL, migrated');
  const restPort = await portFor('POSTGREST_PORT');
  const databaseUrl = postgres.url('authenticator');
  const postgrest = await startPostgrest({
    folder,
    port: restPort,
    databaseUrl,
    signingKey: key,
    onStart: remember,
  });
  const port = await portFor('SUPABASE_PORT');
  const url = `http://127.0.0.1:${port}`;
  const options = { url, port, host: '127.0.0.1', postgrestUrl: postgrest.url, signingKey: key, password };
  start({
    name: 'front',
    address: url,
    onStart: remember,
    program: process.execPath,
    arguments: [join(import.meta.dirname, 'front.ts')],
    env: { FRONT_OPTIONS: JSON.stringify({ ...options, databaseUrl: postgres.url('supabase_admin') }) },
    log: join(folder, 'front.log'),
  });
  await waitFor('the front server', async () => (await fetch(`${url}/auth/v1/.well-known/jwks.json`)).ok);
  done('PostgREST and the front server');
  const tokens = createTokens(key, `${url}/auth/v1`);
  const tokenFile = join(folder, 'reconciler.token');
  writeFileSync(tokenFile, await tokens.reconciler(), { mode: 0o600 });
  return {
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: await tokens.anon(),
    SUPABASE_RECONCILER_TOKEN_FILE: tokenFile,
    SUPABASE_DB_URL: postgres.url('postgres'),
  };
}

async function redis(): Promise<Record<string, string>> {
  const port = await portFor('REDIS_PORT');
  const url = `redis://127.0.0.1:${port}`;
  const data = join(folder, 'redis');
  mkdirSync(data, { recursive: true });
  await startRedis({ folder: data, port, onStart: remember });
  done('Redis');
  return { REDIS_URL: url };
}

async function rabbitmq(): Promise<Record<string, string>> {
  const port = await portFor('RABBITMQ_PORT');
  const { url, workerUrl } = await startRabbit({ folder, port, onStart: remember });
  done('RabbitMQ');
  return { RABBITMQ_URL: url, WORKER_RABBITMQ_URL: workerUrl };
}

async function tickwork(env: Record<string, string>): Promise<Record<string, string>> {
  const pick = (...names: string[]) =>
    Object.fromEntries(
      [...names, 'LOG_LEVEL'].flatMap((name) => {
        const value = env[name] ?? process.env[name];
        return value ? [[name, value]] : [];
      }),
    );
  const port = await portFor('GATEWAY_PORT');
  const common = ['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'REDIS_URL', 'RABBITMQ_URL'];
  const services = {
    api: { ...pick(...common), HOST: '127.0.0.1', PORT: String(port) },
    reconciler: pick(...common, 'SUPABASE_RECONCILER_TOKEN_FILE'),
    worker: {
      ...pick('REDIS_URL', 'AGENT'),
      RABBITMQ_URL: env['WORKER_RABBITMQ_URL'] ?? env['RABBITMQ_URL'] ?? '',
    },
  } as const;
  const admin: Record<string, string> = {};
  const start = async (service: keyof typeof services) => {
    const adminPort = await freePort();
    const url = `http://127.0.0.1:${adminPort}`;
    await startService({ service, folder, adminPort, env: services[service], onStart: remember });
    admin[`${service === 'api' ? 'GATEWAY' : service.toUpperCase()}_ADMIN_URL`] = url;
  };
  await Promise.all([start('api'), start('reconciler'), start('worker')]);
  done('gateway, reconciler and worker');
  return { GATEWAY_URL: `http://127.0.0.1:${port}`, ...admin };
}

async function token(env: Record<string, string>, own: boolean): Promise<string | null> {
  if (process.env['TICKWORK_TOKEN']) return process.env['TICKWORK_TOKEN'];
  const { TICKWORK_EMAIL, TICKWORK_PASSWORD } = process.env;
  const credentials = own
    ? { email: TICKWORK_EMAIL, password: TICKWORK_PASSWORD }
    : { email: 'alice@example.com', password };
  if (!credentials.email || !credentials.password) return null;
  const client = createClient(env['SUPABASE_URL'] ?? '', env['SUPABASE_ANON_KEY'] ?? '', {
    auth: { persistSession: false },
  });
  const { email, password: secret } = credentials;
  const { data, error } = await client.auth.signInWithPassword({ email, password: secret });
  if (error) throw error;
  return data.session.access_token;
}

mkdirSync(folder, { recursive: true });
await stopAll();
const given = userEnv(process.env);
const parts = await Promise.all([
  given['SUPABASE_URL'] ? {} : supabase(),
  given['REDIS_URL'] ? {} : redis(),
  given['RABBITMQ_URL'] ? {} : rabbitmq(),
]);
const dependencies: Record<string, string> = Object.assign({}, given, ...parts);
const env = { ...dependencies, ...(await tickwork(dependencies)) };
writeEnv(env);
const userToken = await token(env, Boolean(given['SUPABASE_URL']));
if (userToken === null) {
  print('Set TICKWORK_TOKEN, or TICKWORK_EMAIL and TICKWORK_PASSWORD, and a task is run here.');
} else {
  print('\nA task, from submit to result:');
  await runDemo(env['GATEWAY_URL'] ?? '', userToken, print);
}
print(`
Gateway   ${env['GATEWAY_URL']}
Supabase  ${env['SUPABASE_URL']}
Submit    curl -H "Authorization: Bearer $(make -s token)" -H 'Content-Type: application/json' \\
            -d '{"mandate":"Say hello. Say goodbye."}' ${env['GATEWAY_URL']}/tasks
More      source .stack/env, make status, make logs
Stop      make down`);
process.exit(0);
