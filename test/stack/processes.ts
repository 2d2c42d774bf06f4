import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeContainer } from './server-command.ts';
import { identify, isRunning, readStarted, type Started, stop } from './state.ts';
import { waitFor } from './wait-for.ts';

export interface Command {
  readonly name: string;
  /** Gets the log and the record. */
  readonly folder: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it will answer. */
  readonly address: string;
  /** All that it listens on. */
  readonly ports: readonly number[];
  /** Whether it does its work. Has a time limit of its own. */
  readonly answers: () => Promise<unknown>;
  readonly timeoutMs?: number;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
  /** Of what the program runs, where its arguments do not tell: with another it is another process. */
  readonly version?: string;
  /** What the program is the client of. */
  readonly container?: string;
}

/** Keeps what an earlier run started if its command is the same and it answers; else starts it, and waits until it answers. */
export async function ensure(command: Command): Promise<Started> {
  const earlier = recordOf(command);
  if (earlier && isRunning(earlier)) {
    if (earlier.command === hash(command) && (await command.answers().catch(() => false))) return earlier;
    await stop(earlier);
  }
  return startUntilItAnswers(command, 3);
}

/** One that was killed a moment ago can still hold its port or its lock: so one that ends is started again, a few times. */
async function startUntilItAnswers(command: Command, tries: number): Promise<Started> {
  const { timeoutMs = 30_000, name, answers } = command;
  const child = start(command);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await waitFor(`${name} to answer`, () => ended() || (recordOf(command) && answers()), { timeoutMs });
  const started = recordOf(command);
  if (started && !ended()) return started;
  if (tries === 1) throw new Error(`${name} ended:\n${lastLines(command)}`);
  await delay(1000);
  return startUntilItAnswers(command, tries - 1);
}

// The process writes its record itself, before it becomes the program: however this one ends, none is unknown.
const launcher = 'LC_ALL=C TZ=UTC ps -o pid=,lstart= -p $$ >&3; exec 3>&-; exec "$@"';

/** Starts a program that outlives this one. It gets only the environment named, PATH and HOME. */
function start(command: Command): ChildProcess {
  const { folder, name, address, ports, user, cwd, container } = command;
  mkdirSync(folder, { recursive: true });
  // What a killed client left has the name, the ports and the data, and would answer in the new one's place.
  if (container) removeContainer(container);
  const log = openSync(join(folder, `${name}.log`), 'a');
  const record = openSync(join(folder, `${name}.process`), 'w', 0o600);
  const head = { name, address, ports, command: hash(command), starter: identify(process.pid), container };
  writeSync(record, `${JSON.stringify(head)}\n`);
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('/bin/sh', ['-c', launcher, 'sh', command.program, ...command.arguments], {
    detached: true,
    stdio: ['ignore', log, log, record],
    env: { PATH, HOME, ...command.env },
    ...(cwd ? { cwd } : {}),
    ...user,
  });
  closeSync(log);
  closeSync(record);
  child.unref();
  return child;
}

const recordOf = ({ folder, name }: Command) => readStarted(folder).find((one) => one.name === name);

function hash({ program, arguments: words, env, cwd, version }: Command): string {
  return createHash('sha256')
    .update(JSON.stringify([program, words, env, cwd, version]))
    .digest('hex');
}

function lastLines({ folder, name }: Command): string {
  return readFileSync(join(folder, `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-3)
    .join('\n');
}
