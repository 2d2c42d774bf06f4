import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis, Result } from 'ioredis';

type Argument = string | number;
/** A code, and what the record has with it; null where it lacks that. */
type Told = [number, ...(string | null)[]];

declare module 'ioredis' {
  // Every script takes the record's key and the two hints' keys, then its arguments; each file says which and what it answers.
  interface RedisCommander<Context> {
    taskSeed(...keysAndArguments: Argument[]): Result<number, Context>;
    taskScheduleDispatch(...keysAndArguments: Argument[]): Result<number, Context>;
    taskClaim(...keysAndArguments: Argument[]): Result<Told, Context>;
    taskUpdate(...keysAndArguments: Argument[]): Result<Told, Context>;
    taskResume(...keysAndArguments: Argument[]): Result<Told, Context>;
    taskHandBack(...keysAndArguments: Argument[]): Result<number, Context>;
    taskConfirm(...keysAndArguments: Argument[]): Result<number, Context>;
    taskSettle(...keysAndArguments: Argument[]): Result<number, Context>;
    taskRebase(...keysAndArguments: Argument[]): Result<number, Context>;
    taskFail(...keysAndArguments: Argument[]): Result<number, Context>;
    taskRelease(...keysAndArguments: Argument[]): Result<number, Context>;
    taskReopen(...keysAndArguments: Argument[]): Result<number, Context>;
    taskScanStep(...keysAndArguments: Argument[]): Result<[string, number, ...string[]], Context>;
    taskHinted(...keysAndArguments: Argument[]): Result<string[], Context>;
    // These take the key of the workers.
    workerAnnounce(...keysAndArguments: Argument[]): Result<number, Context>;
    workersAlive(...keysAndArguments: Argument[]): Result<string[], Context>;
  }
}

const files = {
  taskSeed: 'seed',
  taskScheduleDispatch: 'schedule_dispatch',
  taskClaim: 'claim',
  taskUpdate: 'update',
  taskResume: 'resume',
  taskHandBack: 'hand_back',
  taskConfirm: 'confirm',
  taskSettle: 'settle',
  taskRebase: 'rebase',
  taskFail: 'fail',
  taskRelease: 'release',
  taskReopen: 'reopen',
  taskScanStep: 'scan_step',
  taskHinted: 'hinted',
} as const;

/** All that the records need of a client: the scripts, the one command that is none, and to be told of a lost connection. */
export interface RecordCommands extends Pick<Redis, keyof typeof files> {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  on(event: 'close', listener: () => void): unknown;
}

type Definable = Pick<Redis, 'defineCommand'>;
const workerFiles = { workerAnnounce: 'announce_worker', workersAlive: 'alive_workers' } as const;

/** Gives the client the commands above. Each is one Lua file behind the common prelude; ioredis loads it when it is first used. */
export function defineScripts(redis: Definable): void {
  define(redis, files, 3);
}

export function defineWorkerScripts(redis: Definable): void {
  define(redis, workerFiles, 1);
}

function define(redis: Definable, scripts: Readonly<Record<string, string>>, numberOfKeys: number): void {
  const read = (name: string) => readFileSync(join(import.meta.dirname, 'scripts', `${name}.lua`), 'utf8');
  const prelude = read('prelude');
  for (const [command, file] of Object.entries(scripts)) {
    redis.defineCommand(command, { numberOfKeys, lua: `${prelude}\n${read(file)}` });
  }
}
