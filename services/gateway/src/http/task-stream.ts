import type { Writable } from 'node:stream';
import type { Clock } from '@tickwork/runtime/process/clock';
import type { Task } from '@tickwork/task/task';
import { printVersion, versionOf } from '../tasks/watch/version.ts';
import { taskJson } from './schemas/task.ts';

/** Made once for all who are shown this state. */
const printed = new WeakMap<Task, Buffer>();

/** One state of a task as an event; its id is what `Last-Event-ID` brings back. */
function taskEvent(task: Task): Buffer {
  const known = printed.get(task);
  if (known) return known;
  const id = printVersion(versionOf(task));
  const event = Buffer.from(`id: ${id}\nevent: task\ndata: ${JSON.stringify(taskJson(task))}\n\n`);
  printed.set(task, event);
  return event;
}

export interface TaskStreamOptions {
  readonly heartbeatMs: number;
  /** How long a client may take to read the last event. */
  readonly farewellMs: number;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/**
 * Server-sent events of one task (WHATWG HTML, 9.2). A client that is slow gets only the newest state once it has taken what was
 * sent, so that no more than one waits here.
 */
export class TaskStream {
  readonly #connection: Writable;
  readonly #options: TaskStreamOptions;
  #beatAt: number;
  #isFull = false;
  #newest: Task | null = null;
  #last: string | null = null;

  constructor(connection: Writable, options: TaskStreamOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#beatAt = options.clock.now();
  }

  /** Tells how long to wait before a client connects again. */
  begin(retryMs: number): void {
    this.#send(`retry: ${retryMs}\n\n`);
  }

  show(task: Task): void {
    this.#newest = task;
    this.#flush();
  }

  /** Ends the stream with an event, after what is left to show; a client that does not take it in time is cut off. */
  finish(event: string, data: Readonly<Record<string, unknown>>, retryMs?: number): void {
    const retry = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
    this.#last = `${retry}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#flush();
    const { clock, farewellMs } = this.#options;
    const closed = new AbortController();
    this.#connection.once('close', () => closed.abort());
    void clock.sleep(farewellMs, closed.signal).then(() => this.#connection.destroy());
  }

  /** A comment now and then, so that nobody on the way takes the connection for dead. One who is slow has enough to read. */
  beat(now: number): void {
    if (this.#isFull || now - this.#beatAt < this.#options.heartbeatMs) return;
    this.#beatAt = now;
    this.#send(': still here\n\n');
  }

  #flush(): void {
    if (!this.#isFull && this.#newest) {
      const event = taskEvent(this.#newest);
      this.#newest = null;
      this.#send(event);
    }
    if (!this.#isFull && this.#last !== null) this.#connection.end(this.#last);
  }

  #send(chunk: Buffer | string): void {
    if (this.#connection.write(chunk)) return;
    this.#isFull = true;
    this.#connection.once('drain', () => {
      this.#isFull = false;
      this.#flush();
    });
  }
}
