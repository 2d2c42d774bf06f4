import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dockerContainer, removeContainer } from './server-command.ts';
import { waitFor } from './wait-for.ts';

/** Where `make up` keeps data, logs, keys and what it started; runs of tests have folders of their own in it. */
export const stackFolder = resolve(import.meta.dirname, '../../.stack');

export interface Identity {
  readonly pid: number;
  /** With the pid it names one process for good: a pid comes back as another's. */
  readonly startedAt: string;
}

export interface Started extends Identity {
  readonly name: string;
  readonly address: string;
  /** All that it listens on. */
  readonly ports: readonly number[];
  /** A hash: with another command it is another process. */
  readonly command: string;
  readonly starter: Identity;
  /** What it is the client of: a killed client leaves it running. */
  readonly container?: string;
}

/** What was started in a folder, oldest first, whether it still runs or not. Each process has a file; processes.ts writes it. */
export function readStarted(folder: string): Started[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.process'));
  return files
    .flatMap((name) => readRecord(join(folder, name)))
    .sort((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt) || one.pid - other.pid);
}

/** None where the process never came to be. */
function readRecord(file: string): Started[] {
  const [head = '', identity = ''] = readFileSync(file, 'utf8').split('\n');
  const [pid = '', ...startedAt] = identity.trim().split(/\s+/);
  return pid ? [{ ...JSON.parse(head), pid: Number(pid), startedAt: startedAt.join(' ') }] : [];
}

export function isRunning({ pid, startedAt }: Identity): boolean {
  return startedAt !== '' && startTime(pid) === startedAt;
}

export const identify = (pid: number): Identity => ({ pid, startedAt: startTime(pid) });

/** Ends a process and waits for it, and removes its container. Answers whether it ran. */
export async function stop(started: Started, signal?: NodeJS.Signals): Promise<boolean> {
  const ran = await stopProcess(started, signal);
  return removeContainerOf(started) || ran;
}

/** Ends a process without a wait, as at this one's end. */
export function kill(started: Started): void {
  if (isRunning(started)) send(started, 'SIGKILL');
  removeContainerOf(started);
}

/** It keeps its connections and answers nobody, until `resume`. Returns when all its processes stand still: a signal takes its time. */
export async function pause({ pid, container }: Started): Promise<void> {
  if (container) return void dockerContainer(container, 'pause');
  process.kill(-pid, 'SIGSTOP');
  await waitFor('its processes to stop', () => statesOf(pid).every((state) => /^[TZ]/.test(state)));
}

export function resume({ pid, container }: Started): void {
  if (container) dockerContainer(container, 'unpause');
  else process.kill(-pid, 'SIGCONT');
}

/** Of each process of a group, as `ps` has it. */
function statesOf(group: number): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [of, state = ''] = line.trim().split(/\s+/);
    return Number(of) === group ? [state] : [];
  });
}

function removeContainerOf({ container }: Started): boolean {
  return container !== undefined && removeContainer(container);
}

async function stopProcess(started: Started, signal?: NodeJS.Signals): Promise<boolean> {
  if (!isRunning(started)) return false;
  // Postgres calls a stop that does not wait for clients SIGINT.
  send(started, signal ?? (started.name === 'postgres' ? 'SIGINT' : 'SIGTERM'));
  const end = performance.now() + 15_000;
  while (isRunning(started) && performance.now() < end) await delay(30);
  while (isRunning(started)) {
    send(started, 'SIGKILL');
    await delay(30);
  }
  return true;
}

/** Stops what was started in a folder, newest first, and forgets it. */
export async function stopAll(folder: string): Promise<string[]> {
  const stopped: string[] = [];
  for (const started of readStarted(folder).reverse()) {
    if (await stop(started)) stopped.push(started.name);
    rmSync(join(folder, `${started.name}.process`), { force: true });
  }
  return stopped;
}

/** A crash leaves the old file or the new one, and never half of one. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function send({ pid }: Identity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** As the record has it, whatever the user's language and time zone. '' for a process that ended. */
function startTime(pid: number): string {
  try {
    const flags = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
    const [state = '', ...time] = execFileSync('ps', flags, { encoding: 'utf8', env }).trim().split(/\s+/);
    return state.startsWith('Z') ? '' : time.join(' ');
  } catch {
    return '';
  }
}
