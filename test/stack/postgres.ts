import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { initialize, prepare, unprivileged } from './postgres-files.ts';
import { ensure } from './processes.ts';

export interface PostgresOptions {
  readonly folder: string;
  readonly port: number;
  /** Keeps what it has committed when the machine fails, at the price of speed. */
  readonly durable: boolean;
}

/** Starts a server with the superuser supabase_admin, on loopback, without passwords. */
export async function startPostgres({ folder, port, durable }: PostgresOptions) {
  const user = unprivileged();
  const { native, home } = prepare(folder, user);
  const data = join(home, 'postgres');
  if (!existsSync(data)) initialize({ native, data, user, durable });
  const settings = [
    'listen_addresses=127.0.0.1',
    // A socket's path may not be long.
    'unix_socket_directories=',
    `fsync=${durable ? 'on' : 'off'}`,
    'max_connections=200',
  ];
  const url = (role: string, database = 'postgres') => `postgres://${role}@127.0.0.1:${port}/${database}`;
  const child = await ensure({
    name: 'postgres',
    folder,
    address: url('postgres'),
    ports: [port],
    program: join(native, 'bin', 'postgres'),
    arguments: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    env: {},
    cwd: data,
    answers: () => query(url('supabase_admin'), 'select 1'),
    ...(user ? { user } : {}),
  });
  return { child, url };
}

export async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

export const templateDatabase = 'template_tickwork';

/** A database of its own for a test: a copy of the migrated template. Rights on a database itself are not copied. */
export async function createDatabase(superuserUrl: string, name: string): Promise<void> {
  await query(superuserUrl, `create database ${name} template ${templateDatabase}`);
  await query(superuserUrl, `grant create on database ${name} to postgres`);
}

const root = resolve(import.meta.dirname, '../..');

/** Makes a database what a Supabase project is, and brings it to the newest migration, as the project's owner. */
export async function migrate(superuser: string, owner: string): Promise<void> {
  const { rows } = await query(superuser, `select to_regnamespace('auth') as auth`);
  if (rows[0]?.auth === null) {
    await query(superuser, readFileSync(join(import.meta.dirname, 'supabase-objects.sql'), 'utf8'));
  }
  const done = await query(owner, 'select version from supabase_migrations.schema_migrations');
  const applied = new Set(done.rows.map(({ version }) => version));
  const folder = join(root, 'supabase', 'migrations');
  const files = readdirSync(folder).sort();
  const missing = files.filter((file) => !applied.has(file.split('_')[0]));
  for (const file of missing) {
    const [version = '', ...name] = file.replace(/\.sql$/, '').split('_');
    const record = `insert into supabase_migrations.schema_migrations values ('${version}', '${name.join('_')}')`;
    await query(owner, `begin;\n${readFileSync(join(folder, file), 'utf8')};\n${record};\ncommit;`);
  }
  if (missing.length > 0) {
    // One user submits many tasks here; a test of the quota sets its own.
    await query(owner, 'update internal.settings set daily_tick_limit = 100000, active_task_limit = 100000');
    // A PostgREST that was kept knows the old tables only.
    await query(superuser, `notify pgrst, 'reload schema'`);
  }
}
