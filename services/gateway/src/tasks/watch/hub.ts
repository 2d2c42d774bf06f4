import type { Clock } from '@tickwork/runtime/process/clock';
import type { GatewayEmitter } from '../../events.ts';
import { createGate } from './gate.ts';
import { createPlaces } from './places.ts';
import type { Version } from './version.ts';
import { type RefreshOutcome, WatchedTask, type WatchedTaskOptions } from './watched-task.ts';
import type { EndReason, Watcher, Watching, WatchingUser, WatchKind } from './watcher.ts';

export interface HubSettings {
  /** How long a change that Redis does not tell of may stay unseen. */
  readonly rereadMs: number;
  /** How exactly waits are kept. */
  readonly tickMs: number;
  /** Over how long the reads that follow a new subscription are spread. */
  readonly spreadMs: number;
  readonly mostRefreshes: number;
  readonly mostWatchers: number;
  readonly mostWatchersPerUser: number;
}

export interface HubDependencies {
  readonly read: WatchedTaskOptions['read'];
  readonly events: GatewayEmitter;
  readonly clock: Clock;
  readonly settings: HubSettings;
}

/** A watcher's place, taken before its first read, so that nothing said since is missed. */
export interface Place {
  /** Once, after the first read: what was seen of which task. At once over when the process shuts down. */
  begin(correlationId: string, seen: Version, watching: Watching): void;
  /** Idempotent; nothing is told any more. */
  leave(): void;
}

export interface WatchHub {
  /** `id` is what was asked for: mostly the correlation_id. Throws when there is no place. */
  enter(user: WatchingUser, id: string, kind: WatchKind): Place;
  /** The task may have changed. */
  hint(correlationId: string): void;
  /** Hints may have been lost: every task is read again soon. */
  wakeAll(): void;
  /** Keeps the time for all, until `signal`. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends every watcher, and those to come. */
  close(): void;
}

/** All who watch in this process. Watchers are grouped by user and task, so no user is told what another's token read. */
export function createWatchHub({ read, events, clock, settings }: HubDependencies): WatchHub {
  /** By correlation_id, then by user. */
  const watched = new Map<string, Map<string, WatchedTask>>();
  const whereabouts = new Map<Watcher, WatchedTask>();
  const places = createPlaces({ most: settings.mostWatchers, mostPerUser: settings.mostWatchersPerUser });
  let closed = false;
  const common = {
    read,
    gate: createGate(settings.mostRefreshes),
    clock,
    rereadMs: settings.rereadMs,
    onRefreshed: (outcome: RefreshOutcome) => void events.emit('refreshed', { outcome }),
    end,
  };

  function join(watcher: Watcher, correlationId: string): WatchedTask {
    const { id } = watcher.user;
    const ofUsers = watched.get(correlationId) ?? new Map<string, WatchedTask>();
    const task = ofUsers.get(id) ?? new WatchedTask({ ...common, correlationId });
    watched.set(correlationId, ofUsers.set(id, task));
    whereabouts.set(watcher, task);
    task.join(watcher);
    return task;
  }

  function part(watcher: Watcher): void {
    const task = whereabouts.get(watcher);
    whereabouts.delete(watcher);
    if (!task?.leave(watcher)) return;
    const ofUsers = watched.get(task.correlationId);
    ofUsers?.delete(watcher.user.id);
    if (ofUsers?.size === 0) watched.delete(task.correlationId);
  }

  function leave(watcher: Watcher): void {
    if (!whereabouts.has(watcher)) return;
    part(watcher);
    places.free(watcher.user.id);
    events.emit('watching', { kind: watcher.kind, change: -1 });
  }

  function end(watcher: Watcher, reason: EndReason): void {
    leave(watcher);
    watcher.watching?.onEnd(reason);
  }

  function begin(watcher: Watcher, correlationId: string, seen: Version, watching: Watching): void {
    const entered = whereabouts.get(watcher);
    if (!entered) return;
    Object.assign(watcher, { seen, watching });
    const moves = entered.correlationId !== correlationId;
    if (moves) part(watcher);
    const task = moves ? join(watcher, correlationId) : entered;
    if (closed) end(watcher, 'closing');
    // Of a task that was asked for by its row's id, nothing was heard so far.
    else if (moves || watcher.missed) task.hint();
  }

  function each(visit: (task: WatchedTask) => void): void {
    for (const ofUsers of watched.values()) for (const task of ofUsers.values()) visit(task);
  }

  return {
    enter(user, id, kind) {
      places.take(user.id);
      const expiresAtMs = clock.now() + user.expiresAt * 1000 - clock.wallTime();
      const watcher: Watcher = { user, kind, expiresAtMs, seen: null, watching: null, missed: false };
      join(watcher, id);
      events.emit('watching', { kind, change: 1 });
      return {
        begin: (correlationId, seen, watching) => begin(watcher, correlationId, seen, watching),
        leave: () => leave(watcher),
      };
    },
    hint: (correlationId) => watched.get(correlationId)?.forEach((task) => void task.hint()),
    wakeAll: () => each((task) => task.wakeWithin(settings.spreadMs)),
    async run(signal) {
      for (;;) {
        await clock.sleep(settings.tickMs, signal);
        if (signal.aborted) return;
        const now = clock.now();
        each((task) => task.tick(now));
      }
    },
    close() {
      closed = true;
      each((task) => task.end('closing'));
    },
  };
}
