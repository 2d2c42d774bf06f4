import { type Clock, within } from '@tickwork/runtime/process/clock';

/** What is still to be done; null where it could not be counted. */
export interface Backlog {
  /** Messages that no worker has taken. */
  readonly ready: number | null;
  /** Messages that no worker could do anything with. */
  readonly dead: number | null;
  /** Records of tasks that wait or are being worked on. */
  readonly unfinished: number | null;
  /** Records that hold what Supabase has not confirmed. */
  readonly ahead: number | null;
}

export interface BacklogDependencies {
  readonly counts: Readonly<Record<keyof Backlog, () => Promise<number>>>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limitMs: number;
}

/** Never throws: each number is there or not. */
export function createCountBacklog({ counts, clock, limitMs }: BacklogDependencies) {
  const count = (call: () => Promise<number>) => within(clock, limitMs, () => call().catch(() => null), null);
  return async (): Promise<Backlog> => {
    const [ready, dead, unfinished, ahead] = await Promise.all([
      count(counts.ready),
      count(counts.dead),
      count(counts.unfinished),
      count(counts.ahead),
    ]);
    return { ready, dead, unfinished, ahead };
  };
}
