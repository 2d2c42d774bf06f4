import { RedisTaskStorage, type RedisTaskStorageSettings } from '@tickwork/runtime/redis/redis-task-storage';
import type { Claim, Finding, Seed } from '@tickwork/task/ports';
import type { TaskRecord } from '@tickwork/task/task';
import { expect } from 'vitest';
import type { RecordsServer } from './records-server.ts';
import { claimMs, completed, given, maxAttempts, newTask, seedOf } from './records-tasks.ts';

type Named = Pick<Claim, 'correlationId'>;

/** The records on a server that a test file opens once, with what the tests do again and again. */
export class RecordsBench {
  readonly #create: () => Promise<RecordsServer>;
  #opened: { server: RecordsServer; storage: RedisTaskStorage } | null = null;
  readonly #heard: string[] = [];

  constructor(create: () => Promise<RecordsServer>) {
    this.#create = create;
  }

  async open(): Promise<void> {
    const server = await this.#create();
    this.#opened = { server, storage: storageOn(server, {}) };
    await server.subscribe(['tasks:ahead', 'tasks:due', 'tasks:settled'], (channel, message) => {
      this.#heard.push(`${channel} ${message}`);
    });
  }

  async close(): Promise<void> {
    await this.#opened?.server.close();
  }

  get server(): RecordsServer {
    if (!this.#opened) throw new Error('the server was not opened');
    return this.#opened.server;
  }

  get storage(): RedisTaskStorage {
    if (!this.#opened) throw new Error('the server was not opened');
    return this.#opened.storage;
  }

  /** The same records as another process sees them, which has no claims yet. */
  process(settings: Partial<RedisTaskStorageSettings> = {}): RedisTaskStorage {
    return storageOn(this.server, settings);
  }

  async field(task: Named, name: string): Promise<string | null> {
    return (await this.server.fields(keyOf(task)))[name] ?? null;
  }

  set(task: Named, fields: Readonly<Record<string, string | number>>) {
    return this.server.set(keyOf(task), fields);
  }

  remove(task: Named) {
    return this.server.remove(keyOf(task));
  }

  timeToLive(task: Named) {
    return this.server.timeToLive(keyOf(task));
  }

  /** The scores of its two hints. */
  async hints({ correlationId }: Named) {
    return {
      ahead: await this.server.hint('tasks:ahead', correlationId),
      due: await this.server.hint('tasks:due', correlationId),
    };
  }

  /** Waits until the last that the channels said of a task is this. */
  async expectHeard({ correlationId }: Named, expected: string): Promise<void> {
    const heard = () => this.#heard.filter((message) => message.includes(correlationId));
    await expect.poll(() => heard().at(-1), { timeout: 4000, interval: 5 }).toBe(expected);
  }

  async read({ correlationId }: Named): Promise<TaskRecord> {
    const [record] = await this.storage.read([correlationId]);
    return record ?? expect.unreachable('there is no record');
  }

  /** What a whole scan says of a task. */
  async finding({ correlationId }: Named, quietAgeMs?: number): Promise<Finding | undefined> {
    return (await this.scan(this.storage, quietAgeMs)).get(correlationId);
  }

  /** How many keys one scan looked at. */
  async keys(): Promise<number> {
    let keys = 0;
    let cursor = '0';
    do {
      const step = await this.storage.scanStep(cursor);
      keys += step.keys;
      cursor = step.cursor;
    } while (cursor !== '0');
    return keys;
  }

  /** Walks the whole keyspace. `between` comes after each step. */
  async scan(storage: RedisTaskStorage, quietAgeMs?: number, between?: () => Promise<void>) {
    const all = new Map<string, Finding>();
    let cursor = '0';
    do {
      const step = await storage.scanStep(cursor, quietAgeMs);
      for (const { correlationId, finding } of step.found) all.set(correlationId, finding);
      cursor = step.cursor;
      await between?.();
    } while (cursor !== '0');
    return all;
  }

  async hinted({ correlationId }: Named): Promise<Finding | undefined> {
    const found = await this.storage.hinted(1000);
    return found.find((each) => each.correlationId === correlationId)?.finding;
  }

  async seeded(change: Partial<Seed> = {}): Promise<Claim> {
    const task = newTask();
    expect(await this.storage.seed(seedOf(task, change))).toBe(true);
    return task;
  }

  async claimed(change: Partial<Seed> = {}): Promise<Claim> {
    const task = await this.seeded(change);
    expect(await this.storage.claim(task)).toEqual(given(1));
    return task;
  }

  /** A worker has it, and Supabase has all of it. */
  async claimedAndClean(): Promise<Claim> {
    const task = await this.claimed();
    await this.storage.confirm(await this.read(task));
    return task;
  }

  async ended(): Promise<Claim> {
    const task = await this.claimed();
    await this.storage.end(task, completed);
    return task;
  }

  async endedAndClean(): Promise<Claim> {
    const task = await this.ended();
    await this.storage.confirm(await this.read(task));
    return task;
  }
}

function storageOn(server: RecordsServer, settings: Partial<RedisTaskStorageSettings>) {
  return new RedisTaskStorage(server.commands, { claimMs, maxAttempts, ...settings });
}

const keyOf = ({ correlationId }: Named) => `task:${correlationId}`;
