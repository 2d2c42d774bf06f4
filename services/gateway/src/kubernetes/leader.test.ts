import { expect, test } from 'vitest';
import { createElection, settings } from './elector.harness.ts';

const second = 1000;
const lost = () => ({ thereMs: 0, backMs: 0, lost: 'request' }) as const;

/** `first` leads, and `standby` has seen it. */
async function leaderAndStandby(options: { workEndsInMs?: number } = {}) {
  const election = createElection();
  const first = election.elector('first', options);
  await election.world.runUntil(second);
  const standby = election.elector('standby');
  await election.world.runUntil(20 * second);
  expect([first.isLeader(), standby.isLeader()]).toEqual([true, false]);
  return { ...election, first, standby };
}

/** The true time at which it comes to lead. */
async function leadsAt(
  { world }: Pick<ReturnType<typeof createElection>, 'world'>,
  { isLeader }: { isLeader: () => boolean },
): Promise<number> {
  let at = Number.POSITIVE_INFINITY;
  await world.runUntil(world.now() + 60 * second, () => {
    if (isLeader()) at = Math.min(at, world.now());
  });
  return at;
}

test('two that find no Lease: one creates it and leads, the other stands by', async () => {
  const { world, server, elector } = createElection();
  const both = [elector('one'), elector('two')];
  await world.runUntil(60 * second);
  expect(both.map(({ log }) => log)).toEqual([['started: missing'], []]);
  expect(server.lease?.holder).toBe('one');
});

test('a killed leader: the standby leads after the whole Lease, and within 2 s of its end', async () => {
  const run = await leaderAndStandby();
  run.first.host.pause();
  const killedAt = run.world.now();
  const at = await leadsAt(run, run.standby);
  expect(run.standby.log).toEqual(['started: expired']);
  expect(at - killedAt).toBeGreaterThan(settings.durationMs - 2 * second);
  expect(at - killedAt).toBeLessThan(settings.durationMs + 2 * second);
});

test('SIGTERM: the work ends first, then the Lease is released, and the standby leads within 2 s', async () => {
  const run = await leaderAndStandby({ workEndsInMs: 100 });
  run.first.shutDown();
  expect(run.first.isLeader()).toBe(false);
  await run.world.runUntil(run.world.now() + 99);
  expect([run.first.state.working, run.server.lease?.holder]).toEqual([1, 'first']);
  await run.world.runUntil(run.world.now() + 30);
  expect([run.first.state.working, run.server.lease?.holder]).toEqual([0, '']);
  expect(run.first.state.ended).toBe(true);
  const from = run.world.now();
  expect((await leadsAt(run, run.standby)) - from).toBeLessThan(2 * second);
  expect(run.standby.log).toEqual(['started: released']);
});

test('a standby that ends leaves the Lease alone', async () => {
  const run = await leaderAndStandby();
  run.standby.shutDown();
  await run.world.runUntil(30 * second);
  expect([run.standby.state.ended, run.server.lease?.holder]).toEqual([true, 'first']);
  expect(run.first.log).toEqual(['started: missing']);
});

test('an API that hangs: the leader stops before its Lease ends, and leads again when it is back', async () => {
  const { world, elector } = createElection();
  const only = elector('only');
  await world.runUntil(20 * second);
  const { journey } = only.state;
  only.state.journey = lost;
  const from = world.now();
  await world.runUntil(from + settings.renewDeadlineMs);
  expect(only.log).toEqual(['started: missing', 'stopped: not_renewed']);
  expect(only.state.working).toBe(0);
  only.state.journey = journey;
  await world.runUntil(from + 20 * second);
  expect(only.log.at(-1)).toBe('started: held_by_this');
});

test('a slow API: calls just within their limit keep the leader', async () => {
  const { world, elector } = createElection();
  const only = elector('only');
  only.state.journey = () => ({ thereMs: 1200, backMs: 1200 });
  await world.runUntil(120 * second);
  expect(only.log).toEqual(['started: missing']);
  expect(only.isLeader()).toBe(true);
});

test('a leader that was paused beyond its Lease starts nothing when it wakes, and stands by', async () => {
  const run = await leaderAndStandby();
  run.first.host.pause();
  await run.world.runUntil(60 * second);
  expect(run.standby.isLeader()).toBe(true);
  expect(run.first.isLeader()).toBe(false); // before anything of it has run
  run.first.host.resume();
  await run.world.runUntil(120 * second);
  expect(run.first.log).toEqual(['started: missing', 'stopped: not_renewed']);
  expect([run.first.state.working, run.standby.isLeader()]).toEqual([0, true]);
});

test('an answer that arrives after a pause gives no leadership that has run out', async () => {
  const { world, elector } = createElection();
  const late = elector('late');
  await world.runUntil(15); // its create is on the way
  late.host.pause();
  await world.runUntil(30 * second);
  late.host.resume();
  await world.runUntil(30 * second);
  expect(late.log).toEqual([]);
  await world.runUntil(60 * second);
  expect(late.log).toEqual(['started: held_by_this']);
});

test('409 by a write that takes nothing: the leader leads on', async () => {
  const { world, server, elector } = createElection();
  const only = elector('only');
  await world.runUntil(10 * second);
  let calls = 0;
  const { journey } = only.state;
  only.state.journey = () => {
    if (++calls === 2) server.touch();
    return journey();
  };
  const before = server.lease?.version;
  await world.runUntil(60 * second);
  expect(Number(server.lease?.version)).toBeGreaterThan(Number(before) + 10);
  expect(only.log).toEqual(['started: missing']);
});

test('a Lease that another has by now: the leader stops at once', async () => {
  const { world, server, elector } = createElection();
  const only = elector('only');
  await world.runUntil(10 * second);
  server.touch({ holder: 'other' });
  await world.runUntil(12 * second);
  expect(only.log).toEqual(['started: missing', 'stopped: taken']);
});

test('work that ends late holds up the next term: two never overlap', async () => {
  const { world, server, elector } = createElection();
  const only = elector('only', { workEndsInMs: 40 * second });
  await world.runUntil(10 * second);
  server.touch({ holder: '' });
  server.touch({ holder: 'other' });
  await world.runUntil(49 * second);
  expect(only.log).toEqual(['started: missing', 'stopped: taken']);
  await world.runUntil(120 * second);
  expect(only.log.at(-1)).toBe('started: expired');
  expect(only.state.mostWorking).toBe(1);
});

test('a renewal that is acknowledged after the deadline starts nothing beside work that has not ended', async () => {
  const { world, elector } = createElection();
  const only = elector('only', { workEndsInMs: 40 * second });
  await world.runUntil(20 * second);
  const { journey } = only.state;
  const from = world.now();
  let calls = 0;
  only.state.journey = () => {
    if (world.now() < from + 6 * second) return lost();
    return ++calls === 2 ? { thereMs: 1200, backMs: 1200 } : journey();
  };
  await world.runUntil(from + 30 * second);
  expect(only.log).toEqual(['started: missing', 'stopped: not_renewed']);
  await world.runUntil(from + 60 * second);
  expect(only.log.at(-1)).toBe('started: held_by_this');
  expect(only.state.mostWorking).toBe(1);
});
