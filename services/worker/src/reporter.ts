import type { Clock } from '@tickwork/runtime/process/clock';
import { inThisTrace, outsideTraces } from '@tickwork/runtime/telemetry/trace-context';
import type { Claim, HandBackAnswer, Progress, ReportAnswer, TaskReports } from '@tickwork/task/ports';
import type { TaskEnd } from '@tickwork/task/task';
import { retrying } from './retry.ts';

/** From the start of one write to that of the next: at most ten a second. */
const writeEveryMs = 100;

export interface ReporterOptions {
  readonly reports: TaskReports;
  readonly claim: Claim;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** Ends all tries: the process is about to end. */
  readonly signal: AbortSignal;
  /** The claim is lost or the task has ended: the agent has to stop. */
  readonly onStop: () => void;
  readonly onFailure: (error: unknown) => void;
  /** Redis took it. */
  readonly onWritten: (progress: Progress) => void;
}

export interface Reporter {
  /**
   * Nobody has to wait for it. Resolves once Redis took this progress or a newer one, or when nothing more is written. Never
   * rejects.
   */
  report(progress: Progress): Promise<void>;
  /** The newest progress, at once, and then the end: tried until Redis took both. Throws once `signal` aborts. */
  end(end: TaskEnd): Promise<ReportAnswer>;
  /** As `end`, for a task that another attempt goes on with. */
  handBack(how: { waitMs: number; spent: boolean }): Promise<HandBackAnswer>;
  /** Asks Redis at once whether the task still is this worker's, as something may have become of it. */
  check(): void;
  /** Drops what is not written yet; resolves when the write under way has ended. */
  close(): Promise<void>;
  isStopped(): boolean;
}

/**
 * Writes one task's progress: one write at a time, ten a second, and of what comes meanwhile the newest alone, so that no agent
 * waits for Redis, and none costs it much. Redis being away stops nobody: a write is tried until it is taken, and Redis judges
 * whether the claim still holds.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { reports, claim, clock, heartbeatMs, signal, onStop, onFailure, onWritten } = options;
  const closed = new AbortController();
  const until = AbortSignal.any([signal, closed.signal]);
  const ended = new AbortController();
  const quiet = AbortSignal.any([until, ended.signal]);
  let waiting: { progress: Progress; taken: PromiseWithResolvers<void> } | null = null;
  let writing: Promise<void> | null = null;
  let mayWriteAt = clock.now();
  let stopped = false;

  function heed(answer: ReportAnswer | HandBackAnswer): void {
    if (answer !== 'stop' || stopped) return;
    stopped = true;
    closed.abort();
    onStop();
  }

  async function write(progress: Progress): Promise<void> {
    mayWriteAt = clock.now() + writeEveryMs;
    const answer = await retrying(() => reports.report(claim, progress), { clock, signal: until, onFailure });
    if (answer === 'written') onWritten(progress);
    heed(answer);
  }

  /** Under the claim, wherever in the agent the first report of this round came from. */
  const drain = inThisTrace(async (): Promise<void> => {
    for (;;) {
      const leftMs = mayWriteAt - clock.now();
      if (leftMs > 0) await clock.sleep(leftMs, quiet);
      if (!waiting || until.aborted) break;
      const { progress, taken } = waiting;
      waiting = null;
      await write(progress).catch(() => {});
      taken.resolve();
    }
    drop();
    writing = null;
  });

  function drop(): void {
    waiting?.taken.resolve();
    waiting = null;
  }

  /** In no trace: a task that runs for hours would have a thousand of them. */
  function check(): void {
    if (!quiet.aborted) outsideTraces(() => reports.heartbeat(claim)).then(heed, onFailure);
  }

  async function beat(): Promise<void> {
    while (!quiet.aborted) {
      await clock.sleep(heartbeatMs, quiet);
      if (!writing) check();
    }
  }
  void beat();

  async function last<Answer>(action: () => Promise<Answer>): Promise<Answer | 'stop'> {
    ended.abort();
    await writing;
    closed.abort();
    return stopped ? 'stop' : retrying(action, { clock, signal, onFailure });
  }

  return {
    async report(progress) {
      if (until.aborted) return;
      const { taken } = waiting ?? { taken: Promise.withResolvers<void>() };
      waiting = { progress: waiting ? newest(waiting.progress, progress) : progress, taken };
      writing ??= drain();
      await taken.promise;
    },
    end: (end) => last(() => reports.end(claim, end)),
    handBack: (how) => last(() => reports.handBack(claim, how)),
    check,
    async close() {
      closed.abort();
      drop();
      await writing;
    },
    isStopped: () => stopped,
  };
}

/** Null keeps what is there, also where that was not written yet. */
function newest(older: Progress, newer: Progress): Progress {
  return {
    status: newer.status,
    tick: newer.tick ?? older.tick,
    result: newer.result ?? older.result,
    checkpoint: newer.checkpoint ?? older.checkpoint,
  };
}
