import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OnStart } from './processes.ts';

/** Where `make up` keeps data, logs, keys and what it started. */
export const stackFolder = resolve(import.meta.dirname, '../../.stack');
const file = join(stackFolder, 'state.json');

export interface Started {
  readonly name: string;
  readonly pid: number;
  /** With the pid it names one process for good: a pid comes back as another's. */
  readonly startedAt: string;
  readonly address: string;
}

export function readStarted(): Started[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** Written after each start, so that a crash half-way leaves nothing unknown behind. */
export const remember: OnStart = ({ name, pid, address }) => {
  mkdirSync(stackFolder, { recursive: true });
  const started = [...readStarted(), { name, pid, startedAt: startTime(pid), address }];
  writeFileSync(file, JSON.stringify(started, null, 2));
};

export function isRunning({ pid, startedAt }: Started): boolean {
  return startedAt !== '' && startTime(pid) === startedAt;
}

/** Stops what was started, newest first, and forgets it. */
export async function stopAll(): Promise<string[]> {
  const stopped: string[] = [];
  for (const started of readStarted().reverse()) {
    if (!isRunning(started)) continue;
    // Postgres calls a stop that does not wait for clients SIGINT.
    process.kill(started.pid, started.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
    const end = performance.now() + 15_000;
    while (isRunning(started) && performance.now() < end) await delay(30);
    if (isRunning(started)) process.kill(started.pid, 'SIGKILL');
    stopped.push(started.name);
  }
  rmSync(file, { force: true });
  return stopped;
}

function startTime(pid: number): string {
  try {
    const [state = '', ...time] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') ? '' : time.join(' ');
  } catch {
    return '';
  }
}
