import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScripted } from './scripted-workers.ts';

let run: Awaited<ReturnType<typeof startScripted>>;
beforeAll(async () => {
  run = await startScripted({ claimMs: 2000, workers: { STEP_MS: '200' } });
});
afterAll(() => run?.close());

/** Starts the worker again whenever it is gone, as Kubernetes would. */
function supervise() {
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      await run.tickwork.start('worker').catch(() => {});
      await delay(200);
    }
  })();
  return () => {
    over.abort();
    return watching;
  };
}

test('a task that kills its worker ends in error after its attempts, and those beside it, which get on, complete', async () => {
  const neighbours = await Promise.all([run.submit('outlive 3'), run.submit('outlive 3')]);
  for (const id of neighbours) await run.untilSeen(id, 'kept');
  const stop = supervise();
  try {
    const poison = await run.submit('poison 2');
    for (const id of neighbours) {
      expect(await run.user.untilStatus(id, 'completed', 'error')).toMatchObject({ status: 'completed' });
      // Once more than the attempts of one that doesn't get on.
      const [first, ...again] = run.valuesOf(id, 'begun').map(Number);
      expect(first).toBe(0);
      expect(again).toHaveLength(3);
      for (const [i, step] of again.entries()) expect(step).toBeGreaterThan(again[i - 1] ?? 0);
    }
    expect(await run.user.untilStatus(poison, 'completed', 'error')).toMatchObject({
      status: 'error',
      error: 'the task was given up after 3 attempts that did not end',
    });
    expect(run.seen(poison, 'begun')).toHaveLength(3);
  } finally {
    await stop();
  }
});
