import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export type OnStart = (started: {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
}) => void;

export interface Command {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** Where it will answer. */
  readonly address: string;
  /** Told as soon as the process is there, so that one which never answers can be stopped too. */
  readonly onStart?: OnStart | undefined;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
}

/** Starts a program that outlives this one, its output in a log file. It gets only the environment named, PATH and HOME. */
export function start(command: Command): ChildProcess {
  const log = openSync(command.log, 'a');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command.program, [...command.arguments], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH, HOME, ...command.env },
    ...(command.cwd ? { cwd: command.cwd } : {}),
    ...command.user,
  });
  closeSync(log);
  child.unref();
  if (child.pid !== undefined) {
    command.onStart?.({ name: command.name, pid: child.pid, address: command.address });
  }
  return child;
}

/** Ends a child and waits for it. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exited;
  clearTimeout(late);
}
