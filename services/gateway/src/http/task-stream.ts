import { Readable } from 'node:stream';
import type { Task } from '@tickwork/task/task';
import { printVersion, versionOf } from '../tasks/watch/version.ts';
import { taskJson } from './task-json.ts';

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

/**
 * Server-sent events of one task (WHATWG HTML, 9.2), made when the client takes them: one that is slow gets only the newest state, so
 * that no more than one waits here.
 */
export class TaskStream extends Readable {
  #wanted = false;
  #newest: Task | null = null;
  #last: string | null = null;
  #beatAt: number;
  readonly #heartbeatMs: number;

  constructor({ now, heartbeatMs }: { now: number; heartbeatMs: number }) {
    super({ highWaterMark: 1 });
    this.#heartbeatMs = heartbeatMs;
    this.#beatAt = now;
  }

  /** Tells the client how long to wait before it connects again; also makes the headers leave at once. */
  begin(retryMs: number): void {
    this.push(`retry: ${retryMs}\n\n`);
  }

  show(task: Task): void {
    this.#newest = task;
    this.#flush();
  }

  /** Ends the stream with an event, after what is left to show. */
  finish(event: string, data: Readonly<Record<string, unknown>>, retryMs?: number): void {
    const retry = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
    this.#last = `${retry}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#flush();
  }

  /** A comment now and then, so that nobody on the way takes the connection for dead. One who is slow has enough to read. */
  beat(now: number): void {
    if (!this.#wanted || now - this.#beatAt < this.#heartbeatMs) return;
    this.#beatAt = now;
    this.#send(': still here\n\n');
  }

  override _read(): void {
    this.#wanted = true;
    this.#flush();
  }

  #flush(): void {
    if (!this.#wanted) return;
    if (this.#newest) {
      const task = this.#newest;
      this.#newest = null;
      this.#send(taskEvent(task));
    } else if (this.#last !== null) {
      this.#send(this.#last);
      this.push(null);
    }
  }

  #send(chunk: Buffer | string): void {
    this.#wanted = false;
    this.push(chunk);
  }
}
