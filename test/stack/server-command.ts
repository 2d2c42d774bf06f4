import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';

/** Debian's `rabbitmq-server` on the PATH runs for root alone, and as another user; the one in here runs for anybody. */
const debian = '/usr/lib/rabbitmq/bin';
/** What install-prometheus.sh unpacked of Debian's package. */
export const unpacked = resolve(import.meta.dirname, '../../.stack/prometheus/usr');

/** Where a server's program is: in the folders of SERVERS_PATH where that is set, else in Debian's, on the PATH, or in what was unpacked. */
export function findServer(program: string): string | undefined {
  const { SERVERS_PATH, PATH } = process.env;
  return find(program, SERVERS_PATH ?? `${debian}:${PATH}:${unpacked}/bin`);
}

/** On Linux alone: elsewhere a container's loopback is not the machine's. */
export function runsInDocker(program: string): boolean {
  const { PATH = '' } = process.env;
  return process.platform === 'linux' && !findServer(program) && find('docker', PATH) !== undefined;
}

function find(program: string, path: string): string | undefined {
  const folders = path.split(':').filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Server {
  readonly name: string;
  /** All of its files lie in here. */
  readonly folder: string;
  readonly program: string;
  readonly image: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ServerCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly container?: string;
}

/** How to run a server: the machine's own, else the image's in Docker. */
export function serverCommand(server: Server): ServerCommand {
  const { program, arguments: words, env } = server;
  if (runsInDocker(program)) return inDocker(server);
  return { program: findServer(program) ?? program, arguments: words, env };
}

/** The same program with the same settings, files and user, on the machine's own network. SIGTERM to the client ends it. */
function inDocker({ name, folder, program, image, arguments: words, env }: Server): ServerCommand {
  const container = `tickwork-${name}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const flags = ['--rm', '--init', '--network', 'host', '--volume', `${folder}:${folder}`];
  flags.push('--user', `${process.getuid?.()}:${process.getgid?.()}`, '--entrypoint', program);
  // SELinux keeps a container from the user's files.
  flags.push('--security-opt', 'label=disable');
  flags.push(...Object.entries(env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]));
  const docker = Object.entries(process.env).filter(([variable]) => variable.startsWith('DOCKER_'));
  return {
    program: 'docker',
    arguments: ['run', '--name', container, ...flags, image, ...words],
    env: Object.fromEntries(docker) as Record<string, string>,
    container,
  };
}

/** Answers whether there was one. */
export function removeContainer(container: string): boolean {
  return dockerContainer(container, 'rm', '--force', '--volumes');
}

/** Runs `docker … <container>`, and answers whether there was such a container. */
export function dockerContainer(container: string, ...command: readonly string[]): boolean {
  const { stdout } = spawnSync('docker', [...command, container], { encoding: 'utf8', timeout: 30_000 });
  return stdout?.trim() === container;
}
