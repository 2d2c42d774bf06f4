import type { Task } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { row } from '../tasks.harness.ts';
import { createAwaitNews } from './await-news.ts';
import { createHub, userOf } from './hub.harness.ts';
import { createWatchTask } from './watch-task.ts';

/** A wait of 20 s that is under way; `known` is the state that its caller has. */
async function startWait({ known = null as Task | null, stored = row() as Task | null } = {}) {
  const hub = createHub();
  hub.state.row = stored;
  const awaitNews = createAwaitNews({ watchTask: createWatchTask(hub), clock: hub.clock });
  const client = new AbortController();
  const outcome: { task?: Task; error?: unknown; at?: number } = {};
  const { signal } = client;
  const isKnown = known && ((task: Task) => task.updatedAt === known.updatedAt);
  awaitNews(userOf(hub.clock.wallTime()), 'task', { isKnown, waitMs: 20_000, signal }).then(
    (task) => Object.assign(outcome, { task, at: hub.clock.now() }),
    (error) => Object.assign(outcome, { error, at: hub.clock.now() }),
  );
  await hub.settled();
  return { hub, outcome, goAway: () => client.abort() };
}

test.each([
  ['nothing', null],
  ['what is there', row()],
])('a caller who has %s is answered with the next state', async (_name, known) => {
  const { hub, outcome } = await startWait({ known });
  await hub.advance(5000);
  expect(outcome).toEqual({});
  hub.change(3, { status: 'in_progress' });
  await hub.hint();
  expect(outcome).toMatchObject({ at: 5000, task: { status: 'in_progress' } });
  expect([hub.reads.length, hub.watching.wait]).toEqual([2, 0]);
});

test('when nothing comes it is answered with what is there, at the end of its time', async () => {
  const { hub, outcome } = await startWait();
  await hub.advance(19_999);
  expect([outcome, hub.watching.wait]).toEqual([{}, 1]);
  await hub.advance(1);
  expect([outcome, hub.watching.wait]).toEqual([{ task: row(), at: 20_000 }, 0]);
});

test('a caller who has another state than what is there is answered at once', async () => {
  const { outcome, hub } = await startWait({ known: row({ updatedAt: '2025-01-01T00:00:00+00:00' }) });
  expect([outcome, hub.watching.wait]).toEqual([{ task: row(), at: 0 }, 0]);
});

test('of an ended task a caller who has nothing is answered at once; one who has it all waits', async () => {
  const ended = row({ status: 'completed' });
  expect((await startWait({ stored: ended })).outcome).toEqual({ task: ended, at: 0 });
  expect((await startWait({ stored: ended, known: ended })).outcome).toEqual({});
});

test('a task that is deleted meanwhile is not found', async () => {
  const { hub, outcome } = await startWait();
  hub.state.row = null;
  await hub.hint();
  expect(outcome.error).toMatchObject({ code: 'not_found' });
});

test('one that is not there is not found, and takes no place', async () => {
  const { hub, outcome } = await startWait({ stored: null });
  expect([outcome.error, hub.watching.wait]).toEqual([expect.objectContaining({ code: 'not_found' }), 0]);
});

test('at a shutdown it is answered with what is there', async () => {
  const { hub, outcome } = await startWait();
  hub.hub.close();
  await hub.settled();
  expect(outcome).toEqual({ task: row(), at: 0 });
});

test('a caller who goes has no place any more', async () => {
  const { hub, goAway } = await startWait();
  goAway();
  await hub.settled();
  expect(hub.watching.wait).toBe(0);
});

test('one who goes during the first read has none either', async () => {
  const hub = createHub();
  const client = new AbortController();
  const release = hub.hold();
  const started = createWatchTask(hub)(userOf(hub.clock.wallTime()), 'task', 'wait', client.signal);
  client.abort();
  expect([hub.watching.wait, hub.reads[0]?.signal.aborted]).toEqual([0, true]);
  release();
  await expect(started).rejects.toMatchObject({ name: 'AbortError' });
});
