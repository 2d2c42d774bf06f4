import type { ServerResponse } from 'node:http';
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

/**
 * Server-sent events of one task (WHATWG HTML, 9.2). A client that is slow gets only the newest state once it has taken what was
 * sent, so that no more than one waits here.
 */
export class TaskStream {
  readonly #response: ServerResponse;
  readonly #heartbeatMs: number;
  #beatAt: number;
  #isFull = false;
  #newest: Task | null = null;
  #last: string | null = null;

  constructor(response: ServerResponse, { now, heartbeatMs }: { now: number; heartbeatMs: number }) {
    this.#response = response;
    this.#heartbeatMs = heartbeatMs;
    this.#beatAt = now;
  }

  /** Sends the head, and how long to wait before a client connects again. */
  begin(headers: Readonly<Record<string, string>>, retryMs: number): void {
    this.#response.writeHead(200, headers);
    this.#response.write(`retry: ${retryMs}\n\n`);
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
    if (this.#isFull || now - this.#beatAt < this.#heartbeatMs) return;
    this.#beatAt = now;
    this.#send(': still here\n\n');
  }

  #flush(): void {
    if (!this.#isFull && this.#newest) {
      const event = taskEvent(this.#newest);
      this.#newest = null;
      this.#send(event);
    }
    if (!this.#isFull && this.#last !== null) this.#response.end(this.#last);
  }

  #send(chunk: Buffer | string): void {
    if (this.#response.write(chunk)) return;
    this.#isFull = true;
    this.#response.once('drain', () => {
      this.#isFull = false;
      this.#flush();
    });
  }
}
