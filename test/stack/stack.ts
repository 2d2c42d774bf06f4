import { mkdirSync } from 'node:fs';
import { startFront } from '../front/front.ts';
import { generateSigningKey } from '../front/tokens.ts';
import { freePort } from './ports.ts';
import { createDatabase, migrate, query, startPostgres, templateDatabase } from './postgres.ts';
import { removePostgres } from './postgres-files.ts';
import { startPostgrest } from './postgrest.ts';
import { startRabbit } from './rabbitmq.ts';
import { demoPassword } from './sign-in.ts';
import { stop } from './state.ts';

/** All that Tickwork depends on, started fresh in one folder, for one run of tests. */
export async function startDependencies(folder: string) {
  mkdirSync(folder, { recursive: true });
  const signingKey = await generateSigningKey();
  const rabbitPort = await freePort();
  const postgresPort = await freePort();
  const postgrestPort = await freePort();
  const frontPort = await freePort();
  const rabbitStarting = startRabbit({ folder, port: rabbitPort });
  const postgres = await startPostgres({ folder, port: postgresPort, durable: false });
  await query(postgres.url('supabase_admin'), `create database ${templateDatabase}`);
  await migrate(postgres.url('supabase_admin', templateDatabase), postgres.url('postgres', templateDatabase));
  await createDatabase(postgres.url('supabase_admin'), 'tickwork');
  const databaseUrl = postgres.url('postgres', 'tickwork');
  const superuserUrl = postgres.url('supabase_admin', 'tickwork');
  const authenticator = postgres.url('authenticator', 'tickwork');
  const rest = { folder, port: postgrestPort, databaseUrl: authenticator, signingKey };
  let postgrest = await startPostgrest(rest);
  const url = `http://127.0.0.1:${frontPort}`;
  const front = await startFront({
    url,
    port: frontPort,
    host: '127.0.0.1',
    postgrestUrl: postgrest.url,
    databaseUrl: superuserUrl,
    signingKey,
    password: demoPassword,
  });
  const rabbit = await rabbitStarting;
  return {
    supabaseUrl: url,
    databaseUrl,
    superuserUrl,
    signingKey,
    front,
    rabbit,
    stopPostgrest: () => stop(postgrest.child),
    startPostgrest: async () => {
      postgrest = await startPostgrest(rest);
    },
    close: async () => {
      await front.close();
      await Promise.all([stop(postgrest.child), stop(rabbit.child)]);
      await stop(rabbit.epmd);
      await stop(postgres.child, 'SIGINT');
      removePostgres(folder);
    },
  };
}
