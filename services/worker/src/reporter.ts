import type { Clock } from '@tickwork/runtime/process/clock';
import type { Claim, Progress, ReportAnswer, TaskReports } from '@tickwork/task/ports';
import type { TaskEnd } from '@tickwork/task/task';
import { retrying } from './retry.ts';

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
}

export interface Reporter {
  /** Never waits. */
  report(progress: Progress): void;
  /** The newest progress, which has the last tick, and then the end: tried until Redis took both. Throws once `signal` aborts. */
  end(end: TaskEnd): Promise<ReportAnswer>;
  /** Asks Redis at once whether the task still is this worker's, as something may have become of it. */
  check(): void;
  /** No more progress; resolves when the write under way has ended. */
  close(): Promise<void>;
  isStopped(): boolean;
}

/**
 * Writes one task's progress: one write at a time, and of what comes meanwhile the newest alone, so that no agent waits for
 * Redis. Redis being away stops nobody: a write is tried until it is taken, and Redis judges whether the claim still holds.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { reports, claim, clock, heartbeatMs, signal, onStop, onFailure } = options;
  const closed = new AbortController();
  const until = AbortSignal.any([signal, closed.signal]);
  let newest: Progress | null = null;
  let writing: Promise<void> | null = null;
  let stopped = false;

  function heed(answer: ReportAnswer): void {
    if (answer === 'written' || stopped) return;
    stopped = true;
    closed.abort();
    onStop();
  }

  async function drain(): Promise<void> {
    while (newest && !until.aborted) {
      const progress = newest;
      newest = null;
      await retrying(() => reports.report(claim, progress), { clock, signal: until, onFailure }).then(
        heed,
        () => {},
      );
    }
    writing = null;
  }

  const ended = new AbortController();
  const quiet = AbortSignal.any([until, ended.signal]);
  function check(): void {
    if (!quiet.aborted) reports.heartbeat(claim).then(heed, onFailure);
  }

  async function beat(): Promise<void> {
    while (!quiet.aborted) {
      await clock.sleep(heartbeatMs, quiet);
      if (!writing) check();
    }
  }
  void beat();

  async function close(): Promise<void> {
    newest = null;
    closed.abort();
    await writing;
  }

  return {
    report(progress) {
      if (until.aborted) return;
      newest = progress;
      writing ??= drain();
    },
    async end(end) {
      ended.abort();
      await writing;
      closed.abort();
      return stopped ? 'stop' : retrying(() => reports.end(claim, end), { clock, signal, onFailure });
    },
    check,
    close,
    isStopped: () => stopped,
  };
}
