import { isFinal } from '@tickwork/task/status';
import type { Cluster } from './cluster.ts';
import type { Row } from './memory/supabase/table.ts';
import type { Flight, Server } from './network.ts';
import type { Role } from './process.ts';
import { uuidFrom } from './random.ts';
import { rabbitServer, redisServer, supabaseServer } from './servers.ts';
import { settings } from './settings.ts';
import type { Cause } from './witness/rows.ts';

/** A cluster, and what faults need to remember of it. */
export interface Stage extends Cluster {
  /** What a replica, or a backup, holds: some earlier state. */
  readonly kept: {
    redis: ReturnType<Cluster['servers']['redis']['snapshot']> | null;
    supabase: ReturnType<Cluster['servers']['supabase']['snapshot']> | null;
    usage: ReadonlyMap<string, number>;
  };
  /** The users of the schedule. */
  readonly users: readonly [string, string];
  readonly newMandate: () => string;
  /** Until when something may be away or stopped. */
  disturbedUntil: number;
}

type Fault = (stage: Stage, flight: Flight) => void;

const hourMs = 3_600_000;

/** The process at whose step the fault strikes, if it has the role; else any other of the role. */
function victim({ running, random }: Stage, role: Role, flight: Flight) {
  const all = [...running.values()].filter(({ process }) => process.role === role && process.isAlive());
  return all.find(({ process }) => process === flight.process) ?? (all.length > 0 ? random.pick(all) : null);
}

const crash =
  (role: Role): Fault =>
  (stage, flight) =>
    victim(stage, role, flight)?.kill();

const pause =
  (role: Role): Fault =>
  (stage, flight) => {
    const stopped = victim(stage, role, flight)?.process;
    if (!stopped) return;
    const ms = stage.random.between(0.5, 3) * settings.claimMs;
    stopped.pause();
    disturb(stage, ms);
    stage.after(ms, stopped.resume);
  };

const leave =
  (server: Server): Fault =>
  (stage) => {
    const { network, servers, after } = stage;
    const ms = stage.random.between(1000, 15_000);
    network.leave(server);
    if (server === rabbitServer) servers.queue.setAway(true);
    if (server === redisServer) servers.redis.loseConnections();
    disturb(stage, ms);
    after(ms, () => {
      network.comeBack(server);
      if (server === rabbitServer) servers.queue.setAway(false);
    });
  };

function disturb(stage: Stage, ms: number): void {
  stage.disturbedUntil = Math.max(stage.disturbedUntil, stage.timeline.now() + ms);
}

/** A row, most often one that goes on. */
function anyRow({ witness, random }: Stage): Row | null {
  const rows = witness.rows.all();
  const active = rows.filter(({ status }) => !isFinal(status));
  if (rows.length === 0) return null;
  return active.length > 0 && random.chance(0.9) ? random.pick(active) : random.pick(rows);
}

/** A transaction by the side of the network. It has happened when its promise is made; a refusal is an answer too. */
function transact(stage: Stage, cause: Cause, act: () => Promise<unknown>): void {
  act().catch(() => {});
  stage.witness.transaction(cause);
}

type Owner = ReturnType<Cluster['servers']['supabase']['asOwner']>;

/** What the owner does in Supabase itself. */
function asOwner(stage: Stage, cancels: boolean, act: (owner: Owner, row: Row) => Promise<unknown>): void {
  const row = anyRow(stage);
  if (!row) return;
  const owner = stage.servers.supabase.asOwner(row.userId);
  transact(stage, { kind: 'owner', userId: row.userId, cancels }, () => act(owner, row));
}

const otherThan = ({ users }: Stage, userId: string) => (users[0] === userId ? users[1] : users[0]);

function setClock(clock: { offsetMs: number }, stage: Stage, { mayBeWild }: { mayBeWild: boolean }): void {
  const { random, witness } = stage;
  const wild = mayBeWild && random.chance(0.1);
  if (wild) witness.losses.wild = true;
  const most = wild ? 50 * hourMs : random.pick([5000, 60_000, hourMs]);
  clock.offsetMs += random.chance(0.5) || wild ? most : -most;
}

export const faults = {
  crash_gateway: crash('gateway'),
  crash_worker: crash('worker'),
  crash_reconciler: crash('reconciler'),
  pause_gateway: pause('gateway'),
  pause_worker: pause('worker'),
  pause_reconciler: pause('reconciler'),
  drain_worker(stage, flight) {
    const worker = victim(stage, 'worker', flight);
    stage
      .workers()
      .find(({ process }) => process === worker?.process)
      ?.drain();
  },
  redis_away: leave(redisServer),
  supabase_away: leave(supabaseServer),
  rabbitmq_away: leave(rabbitServer),
  /** The step is carried out or not; its caller learns of a failure alone. */
  lose_answer: (_stage, flight) => flight.break(),
  delay_answer: (stage, flight) => flight.delay(stage.random.between(500, 12_000)),
  flush_redis({ servers, witness }) {
    witness.losses.flushes++;
    servers.redis.flush();
  },
  fail_over_redis({ servers, witness, kept }) {
    if (!kept.redis) return;
    witness.losses.failovers++;
    servers.redis.restore(kept.redis);
  },
  set_redis_clock(stage) {
    stage.witness.losses.clockJumps++;
    setClock(stage.servers.redisClock, stage, { mayBeWild: true });
  },
  set_supabase_clock: (stage) => setClock(stage.servers.supabaseClock, stage, { mayBeWild: true }),
  restore_supabase({ servers, witness, kept }) {
    if (!kept.supabase) return;
    witness.losses.restores++;
    servers.supabase.restore(kept.supabase);
    witness.usage.restore(kept.usage);
    witness.transaction({ kind: 'restore' });
  },
  lose_messages: ({ servers }) => servers.queue.purge(),
  duplicate_message: ({ servers, random }) =>
    servers.queue.duplicate(random.int(Math.max(1, servers.queue.ready().length))),
  owner_cancels: (stage) => asOwner(stage, true, (owner, row) => owner.cancel(row.correlationId)),
  owner_touches: (stage) => asOwner(stage, false, (owner, row) => owner.touch(row.correlationId)),
  owner_deletes: (stage) => asOwner(stage, false, (owner, row) => owner.remove(row.correlationId)),
  /** The same correlation_id comes back, as another user's. */
  taken_over(stage) {
    const row = anyRow(stage);
    if (!row) return;
    const { correlationId, userId } = row;
    const { supabase } = stage.servers;
    const other = otherThan(stage, userId);
    const task = { correlationId, userId: other, mandate: stage.newMandate(), maxTicks: 50 };
    transact(stage, { kind: 'owner', userId, cancels: false }, () =>
      supabase.asOwner(userId).remove(correlationId),
    );
    transact(stage, { kind: 'insert', userId: other }, () => supabase.asOwner(other).insert(task));
  },
  /** Another user, who knows both of its ids, tries to end a task. */
  intruder_syncs(stage) {
    const row = anyRow(stage);
    if (!row) return;
    const other = otherThan(stage, row.userId);
    const update = {
      correlationId: row.correlationId,
      id: row.id,
      status: 'completed' as const,
      tick: 1,
      result: JSON.stringify({ notes: uuidFrom(stage.random) }),
      error: null,
      updatedAt: row.updatedAt + 1,
    };
    const { signal } = new AbortController();
    transact(stage, { kind: 'sync', userId: other }, () =>
      stage.servers.supabase.asUser(other).sync(update, signal),
    );
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];
