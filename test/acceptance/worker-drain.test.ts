import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScripted } from './scripted-workers.ts';

let run: Awaited<ReturnType<typeof startScripted>>;
beforeAll(async () => {
  // A claim of the preset time: what goes on sooner was handed back.
  run = await startScripted({ claimMs: 15_000, workers: { MAX_ATTEMPTS: '2' } });
});
afterAll(() => run?.close());

const other = { worker: 'other_worker', other_worker: 'worker' } as const;

test('a worker told to end hands its tasks back, again and again: another goes on at once, and no attempt is spent', async () => {
  const ids = await Promise.all([run.submit('hold 4'), run.submit('hold 4'), run.submit('hold 4')]);
  let worker: keyof typeof other = 'worker';
  for (let time = 1; time <= 4; time++) {
    for (const id of ids) await run.untilSeen(id, 'begun', time);
    await run.tickwork.start(other[worker]);
    const toldAt = Date.now();
    await run.tickwork.kill(worker, 'SIGTERM');
    expect(run.exits()).toEqual(Array(time).fill(0));
    expect(Date.now() - toldAt).toBeLessThan(5000);
    for (const id of ids) {
      const { at } = await run.untilSeen(id, 'kept', time);
      const again = await run.untilSeen(id, 'begun', time + 1);
      expect(again.at - at).toBeLessThan(5000);
    }
    worker = other[worker];
  }
  for (const id of ids) {
    expect(await run.user.untilStatus(id, 'completed', 'error')).toMatchObject({ status: 'completed' });
    expect(run.valuesOf(id, 'begun')).toEqual([null, 1, 2, 3, 4]);
    expect(run.valuesOf(id, 'told')).toEqual([0, 1, 2, 3]);
  }
});

test('it waits for no agent that does not listen, and ends in good order', async () => {
  const before = run.exits().length;
  const id = await run.submit('never');
  await run.untilSeen(id, 'begun');
  await run.tickwork.start('other_worker');
  await run.tickwork.kill('worker', 'SIGTERM');
  expect(run.exits().slice(before)).toEqual([0]);
  await run.untilSeen(id, 'begun', 2);
  expect(await run.recordOf(id)).toMatchObject({ attempts: '1' });
  // The agent would hold this one up too.
  await run.tickwork.kill('other_worker');
});
