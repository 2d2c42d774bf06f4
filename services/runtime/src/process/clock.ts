import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** What a process takes from its machine and nothing else decides: time and chance. */
export interface Clock {
  /** Milliseconds; monotonic, so no setting of the host's clock moves it. It also counts while the process is stopped. */
  now(): number;
  /** Milliseconds since 1970 by the host's clock, which may be wrong: good to tell a time, never to judge by. */
  wallTime(): number;
  /** Ends early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
  uuid(): string;
}

export function createClock(): Clock {
  return {
    now: () => performance.now(),
    wallTime: () => Date.now(),
    sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}).catch(() => {}),
    random: () => Math.random(),
    uuid: () => randomUUID(),
  };
}

/** The call's signal aborts after `limitMs`; a call that heeds it ends soon after. */
export async function withTimeLimit<Value>(
  clock: Pick<Clock, 'sleep'>,
  limitMs: number,
  call: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = new AbortController();
  const ended = new AbortController();
  void clock.sleep(limitMs, ended.signal).then(() => {
    limit.abort(new DOMException(`no answer within ${limitMs} ms`, 'TimeoutError'));
  });
  return call(limit.signal).finally(() => ended.abort());
}

/** What `call` gives within `limitMs`, else `late`. Its signal aborts when nobody waits for it any more. */
export async function within<Value, Late>(
  clock: Pick<Clock, 'sleep'>,
  limitMs: number,
  call: (signal: AbortSignal) => Promise<Value>,
  late: Late,
): Promise<Value | Late> {
  const limit = new AbortController();
  const over = clock.sleep(limitMs, limit.signal).then(() => late);
  return Promise.race([call(limit.signal), over]).finally(() => limit.abort());
}

/** A wait between half of `longestMs` and all of it, so that many who failed together don't come back together. */
export function jittered(clock: Pick<Clock, 'random'>, longestMs: number): number {
  return longestMs * (0.5 + clock.random() / 2);
}
