import { type Clock, jittered } from '@tickwork/runtime/process/clock';
import type { Task } from '@tickwork/task/task';
import { TaskError } from '../errors.ts';
import type { Gate } from './gate.ts';
import { isNewer, versionOf } from './version.ts';
import type { EndReason, Watcher, Watching, WatchingUser } from './watcher.ts';

/** What a refresh came to. `refused`: Supabase took the token no more. */
export const refreshOutcomes = ['newer', 'same', 'gone', 'refused', 'failed'] as const;
export type RefreshOutcome = (typeof refreshOutcomes)[number];

export interface WatchedTaskOptions {
  readonly correlationId: string;
  /** Brings what Redis has newer to Supabase, and answers from there. */
  readonly read: (user: WatchingUser, correlationId: string, signal: AbortSignal) => Promise<Task>;
  readonly gate: Gate;
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly rereadMs: number;
  readonly onRefreshed: (outcome: RefreshOutcome) => void;
  /** It lets the watcher go, and tells it why. */
  readonly end: (watcher: Watcher, reason: EndReason) => void;
}

const firstRetryMs = 500;

/** One task, and all who watch it for one user: whatever happens, one read at a time serves them all. */
export class WatchedTask {
  readonly #options: WatchedTaskOptions;
  readonly #watchers = new Set<Watcher>();
  readonly #empty = new AbortController();
  #state: 'idle' | 'queued' | 'reading' = 'idle';
  #again = false;
  #failures = 0;
  /** When to read it next, whether or not somebody says that it changed. */
  #dueAt: number;

  constructor(options: WatchedTaskOptions) {
    this.#options = options;
    this.#dueAt = options.clock.now() + jittered(options.clock, options.rereadMs);
  }

  get correlationId(): string {
    return this.#options.correlationId;
  }

  join(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  /** True when nobody is left; a read that is under way is given up then. */
  leave(watcher: Watcher): boolean {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return false;
    this.#empty.abort();
    return true;
  }

  /** It may have changed. During a read one more follows; before it, nothing need be done. */
  hint(): void {
    for (const watcher of this.#watchers) if (!watcher.watching) watcher.missed = true;
    if (this.#state === 'reading') this.#again = true;
    else if (this.#state === 'idle' && this.#reader()) void this.#refresh();
  }

  wakeWithin(ms: number): void {
    const { clock } = this.#options;
    this.#dueAt = Math.min(this.#dueAt, clock.now() + clock.random() * ms);
  }

  tick(now: number): void {
    this.#each((watcher, watching) => {
      if (watcher.expiresAtMs <= now) this.#options.end(watcher, 'expired');
      else watching.onTick?.(now);
    });
    if (this.#dueAt <= now && this.#state === 'idle' && this.#reader()) void this.#refresh();
  }

  end(reason: EndReason): void {
    this.#each((watcher) => this.#options.end(watcher, reason));
  }

  async #refresh(): Promise<void> {
    do {
      this.#again = false;
      this.#state = 'queued';
      const outcome = await this.#options.gate(() => this.#readOnce());
      if (outcome) this.#options.onRefreshed(outcome);
    } while (this.#again && this.#reader());
    this.#state = 'idle';
  }

  /** Null: nobody waits for it any more. */
  async #readOnce(): Promise<RefreshOutcome | null> {
    const { read, correlationId, clock, rereadMs } = this.#options;
    const reader = this.#reader();
    if (!reader) return null;
    this.#state = 'reading';
    try {
      const task = await read(reader.user, correlationId, this.#empty.signal);
      this.#failures = 0;
      this.#dueAt = clock.now() + rereadMs;
      return this.#show(task);
    } catch (error) {
      return this.#empty.signal.aborted ? null : this.#failed(error, reader);
    }
  }

  #show(task: Task): RefreshOutcome {
    const version = versionOf(task);
    let outcome: RefreshOutcome = 'same';
    this.#each((watcher, watching) => {
      if (watcher.seen && !isNewer(version, watcher.seen)) return;
      watcher.seen = version;
      outcome = 'newer';
      watching.onTask(task);
    });
    return outcome;
  }

  #failed(error: unknown, reader: Watcher): RefreshOutcome {
    const { clock, rereadMs, end } = this.#options;
    const code = error instanceof TaskError ? error.code : null;
    if (code === 'not_found') {
      this.end('gone');
      return 'gone';
    }
    if (code === 'unauthenticated') {
      this.#again = true; // with another's token, if there is one
      this.#each((watcher) => watcher.user.token === reader.user.token && end(watcher, 'expired'));
      return 'refused';
    }
    this.#dueAt = clock.now() + jittered(clock, Math.min(rereadMs, firstRetryMs * 2 ** this.#failures));
    this.#failures += 1;
    return 'failed';
  }

  /** Whose token the next read uses: the one that is good for longest. */
  #reader(): Watcher | null {
    let best: Watcher | null = null;
    let latest = this.#options.clock.now();
    this.#each((watcher) => {
      if (watcher.expiresAtMs <= latest) return;
      best = watcher;
      latest = watcher.expiresAtMs;
    });
    return best;
  }

  /** All whose first read is there. Whoever is visited may leave. */
  #each(visit: (watcher: Watcher, watching: Watching) => void): void {
    for (const watcher of this.#watchers) if (watcher.watching) visit(watcher, watcher.watching);
  }
}
