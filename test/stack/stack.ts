import { mkdirSync } from 'node:fs';
import { freePort } from './ports.ts';
import { migrate, query, startPostgres, templateDatabase } from './postgres.ts';
import { removePostgres } from './postgres-files.ts';
import { startRabbit } from './rabbitmq.ts';
import { stop } from './state.ts';

/** What the tests of one run share: a PostgreSQL with a migrated template, and a RabbitMQ. */
export async function startDependencies(folder: string) {
  mkdirSync(folder, { recursive: true });
  const rabbitPort = await freePort();
  const postgresPort = await freePort();
  const rabbitStarting = startRabbit({ folder, port: rabbitPort });
  const postgres = await startPostgres({ folder, port: postgresPort, durable: false });
  await query(postgres.url('supabase_admin'), `create database ${templateDatabase}`);
  await migrate(postgres.url('supabase_admin', templateDatabase), postgres.url('postgres', templateDatabase));
  const rabbit = await rabbitStarting;
  return {
    superuserUrl: postgres.url('supabase_admin'),
    rabbit,
    close: async () => {
      await rabbit.stop();
      await stop(postgres.child, 'SIGINT');
      removePostgres(folder);
    },
  };
}
