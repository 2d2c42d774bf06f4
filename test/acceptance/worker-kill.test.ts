import { afterEach, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { startScripted } from './scripted-workers.ts';

let run: Awaited<ReturnType<typeof startScripted>>;
afterEach(() => run?.close());

/** A task in its third step at a worker that has room for no other, and another worker with nothing to do. */
async function inTheThirdStep(options: Parameters<typeof startScripted>[0]): Promise<string> {
  run = await startScripted({ ...options, workers: { CONCURRENCY: '1' } });
  const id = await run.submit('steps 12');
  await run.untilSeen(id, 'begun');
  await run.tickwork.start('other_worker');
  await run.untilSeen(id, 'kept', 3);
  return id;
}

async function expectItGoesOn(id: string, claimMs: number): Promise<void> {
  const killedAt = Date.now();
  await run.tickwork.kill('worker');
  const kept = Number(run.valuesOf(id, 'kept').at(-1));
  const again = await run.untilSeen(id, 'begun', 2);
  expect(again.at - killedAt).toBeLessThanOrEqual(claimMs + 2000);
  // Redis may have had the one that it waited for when it was killed.
  expect([kept, kept + 1]).toContain(again.value);
  const ended = await run.user.untilStatus(id, 'completed', 'error');
  expect(ended).toMatchObject({ status: 'completed', tick: 12 });
  expect(run.seen(id, 'begun')).toHaveLength(2);
}

test('a killed worker: its task goes on from the last checkpoint within the claim and two seconds', async () => {
  const claimMs = 3000;
  const id = await inTheThirdStep({ claimMs, worker: { STEP_MS: '500' } });
  await expectItGoesOn(id, claimMs);
});

test('so it does with the claim and the scan that are preset', { tags: ['slow'] }, async () => {
  const claimMs = 15_000;
  const id = await inTheThirdStep({
    claimMs,
    worker: { STEP_MS: '500' },
    reconciler: { SCAN_INTERVAL_MS: '30000', REPAIR_INTERVAL_MS: '30000', REPAIR_MIN_AGE_MS: '60000' },
  });
  await expectItGoesOn(id, claimMs);
});

test('a worker that stood still: the tick and the checkpoint that it makes too late change nothing', async () => {
  const id = await inTheThirdStep({ claimMs: 2000, worker: { STEP_MS: '300' }, other: { STEP_MS: '60000' } });
  await run.tickwork.pause('worker');
  const again = await run.untilSeen(id, 'begun', 2);
  const { checkpoint, checkpoint_tick, claim } = await run.recordOf(id);
  expect(Number(checkpoint)).toBe(again.value);

  const kept = run.valuesOf(id, 'kept').length;
  run.tickwork.resume('worker');
  await run.untilSeen(id, 'kept', kept + 1);
  await waitFor('it to have left the task', () => run.told(id, 'task left')[0]);
  expect(run.told(id, 'task left')).toMatchObject([{ outcome: 'stopped' }]);
  expect(await run.recordOf(id)).toMatchObject({ checkpoint, checkpoint_tick, claim, status: 'started' });
  expect(await run.user.read(id)).toMatchObject({ status: 'started' });
});
