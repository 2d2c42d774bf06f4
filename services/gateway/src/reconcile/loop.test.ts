import { createClock } from '@tickwork/runtime/process/clock';
import { expect, test } from 'vitest';
import { type PassOutcome, runLoop, Wake } from './loop.ts';

const clock = createClock();

/** Runs a loop over scripted passes; it ends with the last of them. */
async function run(script: (PassOutcome | Error)[], options: { intervalMs: number; wake?: Wake }) {
  const end = new AbortController();
  const failures: number[] = [];
  let passes = 0;
  await runLoop({
    ...options,
    signal: end.signal,
    longestBackoffMs: 150,
    clock: { ...clock, random: () => 1 },
    onFailure: (_error, retryInMs) => failures.push(retryInMs),
    pass: async () => {
      const step = script[passes++];
      if (passes === script.length) end.abort();
      if (step instanceof Error) throw step;
      return step ?? 'done';
    },
  });
  return { passes, failures };
}

const hour = 3_600_000;

test('"again" starts the next pass without waiting for the interval', async () => {
  expect((await run(['again', 'again', 'done'], { intervalMs: hour })).passes).toBe(3);
});

test('a wake that came during a pass is not lost', async () => {
  const wake = new Wake(clock);
  wake.wake();
  expect((await run(['done', 'done'], { intervalMs: hour, wake })).passes).toBe(2);
});

test('a wake cuts a wait short', async () => {
  const wake = new Wake(clock);
  const waited = wake.wait(hour, new AbortController().signal);
  wake.wake();
  await expect(waited).resolves.toBeUndefined();
});

test('a failing pass is tried again with a growing, bounded backoff, and a good one resets it', async () => {
  const away = new Error('away');
  const { failures, passes } = await run([away, away, 'again', away, 'done'], { intervalMs: hour });
  expect(passes).toBe(5);
  expect(failures).toEqual([100, 150, 100]);
});
