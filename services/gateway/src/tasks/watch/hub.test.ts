import { describe, expect, test } from 'vitest';
import { TaskError } from '../errors.ts';
import { createHub } from './hub.harness.ts';

/** Watchers who have begun. */
function manyWatch(hub: ReturnType<typeof createHub>, count: number) {
  const watchers = Array.from({ length: count }, () => hub.watch());
  for (const watcher of watchers) watcher.begin();
  return watchers;
}

describe('one read serves all', () => {
  test('each change costs one read, however many watch', async () => {
    const hub = createHub();
    const watchers = manyWatch(hub, 40);
    for (const microseconds of [1, 2, 3]) {
      hub.change(microseconds);
      await hub.hint();
    }
    expect(hub.reads).toHaveLength(3);
    expect(hub.outcomes).toEqual(['newer', 'newer', 'newer']);
    for (const watcher of watchers) expect(watcher.seen()).toEqual([1, 2, 3]);
  });

  test('what comes during a read is read once more, however much it is', async () => {
    const hub = createHub();
    const [watcher] = manyWatch(hub, 2);
    const release = hub.hold();
    hub.change(1);
    await hub.hint();
    hub.change(7);
    for (let count = 0; count < 20; count += 1) await hub.hint();
    expect(hub.reads).toHaveLength(1);
    release();
    await hub.settled();
    expect(hub.reads).toHaveLength(2);
    expect(watcher?.seen()).toEqual([1, 7]);
  });

  test('no more reads run at once than may, and all of them run', async () => {
    const hub = createHub({ mostRefreshes: 2 });
    for (let task = 0; task < 6; task += 1) hub.watch({}, `task ${task}`).begin(`task ${task}`);
    const release = hub.hold();
    for (let task = 0; task < 6; task += 1) await hub.hint(`task ${task}`);
    expect(hub.reads).toHaveLength(2);
    await hub.hint('task 5'); // which has not begun: what it will read is new anyway
    release();
    await hub.settled();
    expect(hub.reads.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5].map((task) => `task ${task}`));
  });

  test('a hint of a task that nobody watches costs nothing', async () => {
    const hub = createHub();
    manyWatch(hub, 1);
    await hub.hint('another');
    expect(hub.reads).toEqual([]);
  });

  test('a change that nobody hints at is seen within the interval, by one read', async () => {
    const hub = createHub();
    const watchers = manyWatch(hub, 10);
    hub.change(1);
    await hub.advance(30_250);
    for (const watcher of watchers) expect(watcher.seen()).toEqual([1]);
    const before = hub.reads.length;
    await hub.advance(300_000);
    expect(hub.reads.length - before).toBeGreaterThanOrEqual(9);
    expect(hub.reads.length - before).toBeLessThanOrEqual(11);
    expect(hub.outcomes.slice(1)).toEqual(hub.outcomes.slice(1).map(() => 'same'));
  });

  test('after a new subscription every task is read once, spread out', async () => {
    const hub = createHub();
    for (let task = 0; task < 10; task += 1) hub.watch({}, `task ${task}`).begin(`task ${task}`);
    hub.hub.wakeAll();
    await hub.settled();
    expect(hub.reads).toEqual([]);
    await hub.advance(5250);
    expect(new Set(hub.reads.map(({ id }) => id)).size).toBe(10);
    expect(hub.reads).toHaveLength(10);
  });
});

describe('nobody is told twice, or of something older', () => {
  test('a state that a watcher has is not told', async () => {
    const hub = createHub();
    const [old, current] = [hub.watch(), hub.watch()];
    hub.change(5);
    old.begin();
    current.begin('task', { stamp: 1_767_225_600_000_006, id: 'row' });
    await hub.hint();
    expect([old.seen(), current.seen()]).toEqual([[5], []]);
  });

  test('a row of another id is news, whatever its stamp', async () => {
    const hub = createHub();
    const watcher = hub.watch();
    watcher.begin('task', { stamp: 1_767_225_600_000_009, id: 'deleted' });
    await hub.hint();
    expect(watcher.seen()).toEqual([0]);
  });

  test('what is said during the first read of a watcher is read after it', async () => {
    const hub = createHub();
    const watcher = hub.watch();
    hub.change(1);
    await hub.hint();
    expect(hub.reads).toEqual([]);
    watcher.begin();
    await hub.settled();
    expect(watcher.seen()).toEqual([1]);
  });

  test("who asked by the row's id is told by its correlation_id, and of what was said meanwhile", async () => {
    const hub = createHub();
    const watcher = hub.watch({}, 'row');
    hub.change(1);
    await hub.hint();
    watcher.begin('task');
    await hub.settled();
    expect(hub.reads.map(({ id }) => id)).toEqual(['task']);
    hub.change(2);
    await hub.hint();
    expect(watcher.seen()).toEqual([1, 2]);
  });
});

describe('users', () => {
  test('never share a read: each group reads with a token of its own user', async () => {
    const hub = createHub();
    const mine = hub.watch({ id: 'one', token: 'of one' });
    const theirs = hub.watch({ id: 'two', token: 'of two' });
    mine.begin();
    theirs.begin();
    hub.change(1);
    await hub.hint();
    expect(hub.reads.map(({ token }) => token)).toEqual(['of one', 'of two']);
  });

  test('a row that one of them may not read ends for that one alone', async () => {
    const hub = createHub();
    const mine = hub.watch({ id: 'one', token: 'of one' });
    const theirs = hub.watch({ id: 'two', token: 'of two' });
    mine.begin();
    theirs.begin();
    hub.state.refusedTokens.add('of two');
    hub.change(1);
    await hub.hint();
    expect([mine.seen(), theirs.seen()]).toEqual([[1], ['expired']]);
  });
});

describe('tokens', () => {
  test('the one that is good for longest is used; a watcher ends with its own', async () => {
    const hub = createHub();
    const now = hub.clock.wallTime() / 1000;
    const short = hub.watch({ token: 'short', expiresAt: now + 10 });
    const long = hub.watch({ token: 'long', expiresAt: now + 60 });
    short.begin();
    long.begin();
    await hub.hint();
    await hub.advance(10_250);
    expect([short.seen(), long.seen()]).toEqual([['expired'], []]);
    await hub.advance(50_000);
    expect(long.seen()).toEqual(['expired']);
    expect(new Set(hub.reads.map(({ token }) => token))).toEqual(new Set(['long']));
    expect(hub.watching.stream).toBe(0);
  });

  test('one that Supabase refuses ends its watchers, and another is used', async () => {
    const hub = createHub();
    const now = hub.clock.wallTime() / 1000;
    const refused = hub.watch({ token: 'refused', expiresAt: now + 600 });
    const good = hub.watch({ token: 'good', expiresAt: now + 300 });
    refused.begin();
    good.begin();
    hub.state.refusedTokens.add('refused');
    hub.change(1);
    await hub.hint();
    expect([refused.seen(), good.seen()]).toEqual([['expired'], [1]]);
    expect(hub.outcomes).toEqual(['refused', 'newer']);
  });
});

test('a row that is gone ends all who watch it', async () => {
  const hub = createHub();
  const watchers = manyWatch(hub, 3);
  hub.state.row = null;
  await hub.hint();
  for (const watcher of watchers) expect(watcher.seen()).toEqual(['gone']);
  expect([hub.reads.length, hub.watching.stream]).toEqual([1, 0]);
});

test('a read that fails tells nobody, and is tried again, each time later', async () => {
  const hub = createHub();
  const [watcher] = manyWatch(hub, 1);
  hub.state.failure = new TaskError('supabase_unavailable');
  hub.change(1);
  await hub.hint();
  await hub.advance(10_000);
  expect(watcher?.seen()).toEqual([]);
  expect(hub.reads.length).toBeGreaterThan(3);
  expect(hub.reads.length).toBeLessThan(8);
  hub.state.failure = null;
  await hub.advance(30_000);
  expect(watcher?.seen()).toEqual([1]);
});

describe('who leaves', () => {
  test('is told nothing more, and the read that only they waited for is given up', async () => {
    const hub = createHub();
    const [watcher] = manyWatch(hub, 1);
    const release = hub.hold();
    hub.change(1);
    await hub.hint();
    watcher?.place.leave();
    watcher?.place.leave();
    expect(hub.reads[0]?.signal.aborted).toBe(true);
    release();
    await hub.settled();
    expect([watcher?.seen(), hub.watching.stream]).toEqual([[], 0]);
    await hub.advance(120_000);
    expect(hub.reads).toHaveLength(1);
  });

  test('during a first read has no place any more', () => {
    const hub = createHub();
    const watcher = hub.watch();
    watcher.place.leave();
    watcher.begin();
    hub.hub.close();
    expect([watcher.seen(), hub.watching.stream]).toEqual([[], 0]);
  });
});

test('a close ends all who watch, and those to come as soon as they begin', async () => {
  const hub = createHub();
  const before = manyWatch(hub, 3);
  const during = hub.watch();
  hub.hub.close();
  for (const watcher of before) expect(watcher.seen()).toEqual(['closing']);
  during.begin();
  expect([during.seen(), hub.watching.stream]).toEqual([['closing'], 0]);
});

test('a user has so many places, and the process so many', () => {
  const hub = createHub({ mostWatchers: 3, mostWatchersPerUser: 2 });
  const first = hub.watch({ id: 'one' });
  hub.watch({ id: 'one' });
  expect(() => hub.watch({ id: 'one' })).toThrow(expect.objectContaining({ code: 'too_many_watchers' }));
  hub.watch({ id: 'two' });
  expect(() => hub.watch({ id: 'three' })).toThrow(expect.objectContaining({ code: 'overloaded' }));
  first.place.leave();
  expect(() => hub.watch({ id: 'one' })).not.toThrow();
  expect(hub.watching.stream).toBe(3);
});

test('watchers hear the time, for their heartbeats', async () => {
  const hub = createHub();
  const [watcher] = manyWatch(hub, 1);
  await hub.advance(1000);
  expect(watcher?.ticks()).toBe(4);
  hub.stop();
  await hub.advance(1000);
  expect(watcher?.ticks()).toBe(4);
});
