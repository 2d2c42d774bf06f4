import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { startScripted } from './scripted-workers.ts';

const mebibyte = 1_048_576;
const mandates = {
  never: 'never',
  crawl: 'crawl',
  broken: 'broken',
  busy: 'busy 2',
  refused: 'refuse no paper',
  large: `large ${mebibyte}`,
};

let run: Awaited<ReturnType<typeof startScripted>>;
let ids: Record<keyof typeof mandates, string>;
beforeAll(async () => {
  run = await startScripted({
    claimMs: 3000,
    workers: { CONCURRENCY: '8', TICK_TIMEOUT_MS: '1000', TASK_TIMEOUT_MS: '2500' },
  });
  // All at one worker at once: what one does is no other's matter.
  const submitted = Object.entries(mandates).map(async ([name, mandate]) => [
    name,
    await run.submit(mandate),
  ]);
  ids = Object.fromEntries(await Promise.all(submitted));
});
afterAll(() => run?.close());

const ended = (id: string) => run.user.untilStatus(id, 'completed', 'error');

test('of a thousand ticks a second none is lost that counts, also beside one that stands still', async () => {
  await run.untilSeen(ids.never, 'begun');
  for (let times = 0; times < 3; times++) {
    const rushes = await Promise.all([1, 2, 3].map(() => run.submit('rush 200')));
    for (const id of rushes)
      expect(await ended(id)).toMatchObject({
        status: 'completed',
        tick: 200,
        result: { success: true, notes: 'all 200' },
      });
  }
});

test('a RetryableAgentError is tried again, each time after a longer wait, and may end well', async () => {
  for (const time of [1, 2]) {
    const told = await waitFor(
      'it to be tried again',
      () => run.told(ids.busy, 'task is tried again')[time - 1],
    );
    expect(told.wait_ms).toBeGreaterThanOrEqual(500 * time);
    expect(told.wait_ms).toBeLessThanOrEqual(1000 * time);
  }
  expect(await ended(ids.busy)).toMatchObject({ status: 'completed', error: null });
  const [first = 0, second = 0, third = 0] = run.seen(ids.busy, 'begun').map(({ at }) => at);
  const waits = run.told(ids.busy, 'task is tried again').map(({ wait_ms = 0 }) => wait_ms);
  expect(second - first).toBeGreaterThanOrEqual(waits[0] ?? 0);
  expect(third - second).toBeGreaterThanOrEqual(waits[1] ?? 0);
});

test('an AgentError ends the task at once, and its user reads why', async () => {
  expect(await ended(ids.refused)).toMatchObject({ status: 'error', error: 'no paper', result: null });
  expect(run.seen(ids.refused, 'begun')).toHaveLength(1);
});

test('any other error is tried again too, and its user reads only that the agent failed', async () => {
  expect(await ended(ids.broken)).toMatchObject({ status: 'error', error: 'the agent failed' });
  expect(run.seen(ids.broken, 'begun')).toHaveLength(3);
});

test('a result that is too large is an error that names its size and the limit', async () => {
  const { status, error } = await ended(ids.large);
  expect(status).toBe('error');
  const [bytes, limit] = /has (\d+) bytes, more than the limit of (\d+)$/.exec(error ?? '')?.slice(1) ?? [];
  expect(Number(bytes)).toBeGreaterThan(mebibyte);
  expect(limit).toBe(String(mebibyte));
  expect(run.seen(ids.large, 'begun')).toHaveLength(1);
});

test("a task's time counts over its attempts, and stops one that gets on for ever", async () => {
  expect(await ended(ids.crawl)).toMatchObject({
    status: 'error',
    error: 'the task took longer than 2500 ms',
  });
  const begun = run.valuesOf(ids.crawl, 'begun').map(Number);
  expect(begun.length).toBeGreaterThan(1);
  expect(begun).toEqual(begun.toSorted((one, other) => one - other));
});

test('an agent that neither ticks nor listens is tried again, and then its user reads the limit', async () => {
  expect(await ended(ids.never)).toMatchObject({ status: 'error', error: 'no tick within 1 s' });
  expect(run.seen(ids.never, 'begun')).toHaveLength(3);
});
