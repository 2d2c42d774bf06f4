import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds; monotonic, so no setting of the host's clock moves it. It also counts while the process is stopped. */
  now(): number;
  /** Ends early, without an error, when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export function createClock(): Clock {
  return {
    now: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
  };
}

/** The call's signal aborts after `limitMs`; a call that heeds it ends soon after. */
export async function withTimeLimit<Value>(
  clock: Clock,
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
