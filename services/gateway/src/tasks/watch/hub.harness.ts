import { createManualClock, settled } from '@tickwork/runtime/process/manual-clock.harness';
import type { Task } from '@tickwork/task/task';
import { createGatewayEvents } from '../../events.ts';
import { TaskError } from '../errors.ts';
import { row } from '../tasks.harness.ts';
import { createWatchHub, type HubSettings, type WatchHub } from './hub.ts';
import { versionOf } from './version.ts';
import type { EndReason, WatchingUser } from './watcher.ts';

const settings: HubSettings = {
  rereadMs: 30_000,
  tickMs: 250,
  spreadMs: 5000,
  mostRefreshes: 4,
  mostWatchers: 100,
  mostWatchersPerUser: 50,
};
const firstStamp = '2026-01-01T00:00:00.000001+00:00';

/** A hub over a Supabase with one row, whose reads are counted and can be held up. */
export function createHub(given: Partial<HubSettings> = {}) {
  const { clock, advance } = createManualClock();
  const events = createGatewayEvents();
  const outcomes: string[] = [];
  const watching = { stream: 0, wait: 0 };
  events.on('refreshed', ({ outcome }) => outcomes.push(outcome));
  events.on('watching', ({ kind, change }) => {
    watching[kind] += change;
  });
  const reads: { token: string; id: string; signal: AbortSignal }[] = [];
  const state = {
    row: row() as Task | null,
    failure: null as Error | null,
    hold: null as Promise<void> | null,
    refusedTokens: new Set<string>(),
  };
  async function read({ token }: WatchingUser, id: string, signal: AbortSignal): Promise<Task> {
    reads.push({ token, id, signal });
    const seen = state.row;
    await state.hold;
    if (state.refusedTokens.has(token)) throw new TaskError('unauthenticated');
    if (state.failure) throw state.failure;
    if (!seen) throw new TaskError('not_found');
    return seen;
  }
  const hub = createWatchHub({ read, events, clock, settings: { ...settings, ...given } });
  const running = new AbortController();
  hub.run(running.signal);

  /** Changes the row, `microseconds` after it was made. */
  function change(microseconds: number, change: Partial<Task> = {}): void {
    const updatedAt = firstStamp.replace('000001', String(microseconds + 1).padStart(6, '0'));
    state.row = row({ updatedAt, ...change });
  }

  /** Reads are held up until the returned function is called. */
  function hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    return () => {
      state.hold = null;
      resolve();
    };
  }

  return {
    hub,
    read,
    clock,
    advance,
    settled,
    reads,
    outcomes,
    watching,
    state,
    change,
    hold,
    hint: async (id = 'task') => {
      hub.hint(id);
      await settled();
    },
    stop: () => running.abort(),
    watch: (user?: Partial<WatchingUser>, id?: string) => watch(hub, clock.wallTime(), user, id),
  };
}

/** Somebody who watches the row as it was made, and all that they were told. */
function watch(hub: WatchHub, wallTime: number, user: Partial<WatchingUser> = {}, id = 'task') {
  const place = hub.enter(userOf(wallTime, user), id, 'stream');
  const told: (Task | EndReason)[] = [];
  let ticks = 0;
  const watcher = {
    place,
    told,
    /** The stamps of the states that came, in microseconds after the first, and why it ended. */
    seen: () =>
      told.map((one) => (typeof one === 'string' ? one : versionOf(one).stamp - firstVersion.stamp)),
    ticks: () => ticks,
    begin: (correlationId = 'task', seen = firstVersion) =>
      place.begin(correlationId, seen, {
        onTask: (task) => told.push(task),
        onEnd: (reason) => told.push(reason),
        onTick: () => {
          ticks += 1;
        },
      }),
  };
  return watcher;
}

const firstVersion = versionOf(row());

export const userOf = (wallTime: number, given: Partial<WatchingUser> = {}): WatchingUser => ({
  id: 'user',
  token: 'token',
  expiresAt: wallTime / 1000 + 3600,
  ...given,
});
