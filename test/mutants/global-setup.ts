import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../stack/ports.ts';
import { migrate, query, startPostgres, templateDatabase } from '../stack/postgres.ts';
import { removePostgres } from '../stack/postgres-files.ts';
import { stackFolder, stop } from '../stack/state.ts';

/** A database server with this copy's migrations. Nothing here needs a broker. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = join(stackFolder, `test-${process.pid}`);
  const postgres = await startPostgres({ folder, port: await freePort(), durable: false });
  const superuserUrl = postgres.url('supabase_admin');
  await query(superuserUrl, `create database ${templateDatabase}`);
  await migrate(postgres.url('supabase_admin', templateDatabase), postgres.url('postgres', templateDatabase));
  project.provide('services', { superuserUrl, rabbitUrl: '', workerRabbitUrl: '' });
  return async () => {
    await stop(postgres.child, 'SIGINT');
    removePostgres(folder);
  };
}
