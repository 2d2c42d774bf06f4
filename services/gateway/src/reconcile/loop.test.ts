import { setImmediate as turn } from 'node:timers/promises';
import { createClock } from '@tickwork/runtime/process/clock';
import { expect, test } from 'vitest';
import { againAfter, done, type PassEnd, runLoop, Wake } from './loop.ts';

const clock = createClock();

/** Runs a loop over scripted passes; it ends with the last of them. */
async function run(script: (PassEnd | Error)[], options: { intervalMs: number; wake?: Wake }) {
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
      return step ?? done;
    },
  });
  return { passes, failures };
}

const hour = 3_600_000;

test('a pass that asks for another at once gets it without the interval', async () => {
  expect((await run([againAfter(0), againAfter(0), done], { intervalMs: hour })).passes).toBe(3);
});

test('a wake that came during a pass is not lost', async () => {
  const wake = new Wake(clock);
  wake.wake();
  expect((await run([done, done], { intervalMs: hour, wake })).passes).toBe(2);
});

test('a wake cuts a wait short', async () => {
  const wake = new Wake(clock);
  const waited = wake.wait(hour, new AbortController().signal);
  wake.wake();
  await expect(waited).resolves.toBeUndefined();
});

test('a failing pass is tried again with a growing, bounded backoff, and a good one resets it', async () => {
  const away = new Error('away');
  const { failures, passes } = await run([away, away, againAfter(0), away, done], { intervalMs: hour });
  expect(passes).toBe(5);
  expect(failures).toEqual([100, 150, 100]);
});

test('a wait that a pass asked for is as long as it asked, whatever wakes meanwhile', async () => {
  const wake = new Wake(clock);
  const sleeps: number[] = [];
  const end = new AbortController();
  let passes = 0;
  await runLoop({
    pass: async () => {
      wake.wake();
      if (++passes === 2) end.abort();
      return againAfter(70);
    },
    intervalMs: hour,
    wake,
    signal: end.signal,
    clock: { ...clock, sleep: async (ms) => void sleeps.push(ms) },
    onFailure: () => {},
  });
  expect(sleeps).toEqual([70, 70]);
});

test('passes of one loop never overlap, however it is woken', async () => {
  const wake = new Wake(clock);
  const end = new AbortController();
  let running = 0;
  let passes = 0;
  let most = 0;
  await runLoop({
    pass: async () => {
      most = Math.max(most, ++running);
      for (let turns = 0; turns < 5; turns++) {
        wake.wake();
        await turn();
      }
      running -= 1;
      if (++passes === 5) end.abort();
      return done;
    },
    intervalMs: 0,
    wake,
    signal: end.signal,
    clock,
    onFailure: () => {},
  });
  expect([passes, most]).toEqual([5, 1]);
});
