import { lifecycle, type TaskEvent } from '@tickwork/task/lifecycle';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import { isStatus, type Status } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import type { Resume } from '../../../services/worker/src/agents/agent.ts';
import type { MemorySupabase } from '../memory/supabase.ts';
import type { Process } from '../process.ts';
import { longestQuietMs, settings } from '../settings.ts';
import { watchCheckpoints } from './checkpoints.ts';
import type { Command, Hash } from './command.ts';
import { type Invariant, type Losses, noLosses, type Violation } from './invariants.ts';
import { watchRecords } from './records.ts';
import { type Cause, watchRows } from './rows.ts';
import { createUsage } from './usage.ts';
import { createValues } from './values.ts';

export interface WitnessOptions {
  /** Milliseconds of the schedule. */
  readonly now: () => number;
  /** Redis' clock, in microseconds. */
  readonly redisNow: () => number;
  readonly supabase: () => MemorySupabase;
  readonly dailyLimit: number;
}

export type Witness = ReturnType<typeof createWitness>;

/** Sees every step as it happens, at the servers, and says what no step may do. No process knows of it. */
export function createWitness({ now, redisNow, supabase, dailyLimit }: WitnessOptions) {
  const violations: Violation[] = [];
  const losses: Losses = noLosses();
  const edges = new Map<string, number>();
  const idOf = new Map<string, string>();
  const promised = new Set<string>();
  const running = new Map<string, { readonly process: Process; readonly id: string }>();
  const starts = new Map<string, number>();
  const violate = (invariant: Invariant, text: string) => void violations.push({ invariant, text });
  const values = createValues();
  const checkpoints = watchCheckpoints({ losses, violate });
  const usage = createUsage({ supabase, dailyLimit, violate });

  function took(from: Status, event: TaskEvent): void {
    if (lifecycle[from][event] === 'refused') return;
    const edge = `${from} ${event}`;
    edges.set(edge, (edges.get(edge) ?? 0) + 1);
  }

  function onTransition(from: Status, to: Status, cause: Cause): void {
    if (cause.kind === 'owner' && to === 'cancelled') took(from, 'cancel');
    if (cause.kind === 'sync' && to === 'error' && from === 'pending') took(from, 'fail');
  }

  const rows = watchRows({ losses, values, now, violate, onTransition });
  const records = watchRecords({
    losses,
    rows,
    values,
    maxAttempts: settings.maxAttempts,
    redisNow,
    now,
    violate,
  });

  function watchEdge({ step, before, after }: Command): void {
    const [from, to] = [before?.['status'], after?.['status']];
    if (!isStatus(from) || !isStatus(to) || before?.['updated_at'] === after?.['updated_at']) return;
    const event = eventOf(step, to);
    if (event) took(from, event);
  }

  const life = (process: Process, mandate: string) => `${process.name} ${mandate}`;

  return {
    violations: violations as readonly Violation[],
    losses,
    rows,
    edges: edges as ReadonlyMap<string, number>,

    command(command: Command): void {
      records.command(command);
      checkpoints.command(command);
      watchEdge(command);
      if (Array.isArray(command.answer) && command.answer[0] === 1 && command.answer[2] !== undefined) {
        records.told(command.token, Number(command.answer[2]));
      }
    },
    /** The answer has reached its caller. */
    answeredCommand: checkpoints.answered,
    knownCheckpoint: checkpoints.known,
    expired: (hash: Hash) => records.expired(hash),

    transaction(cause: Cause): void {
      const held = [...supabase().rows().values()];
      for (const row of held) {
        if (!idOf.has(row.mandate)) usage.inserted(row);
        idOf.set(row.mandate, row.id);
      }
      rows.changed(held, cause);
      usage.check();
    },
    usage,

    answeredYes(task: Task): void {
      if (!rows.current(task.id) && rows.endedAt(task.id) === null) violate('durable', task.mandate);
      promised.add(task.id);
    },

    answered(userId: string, task: Task, askedAt: number): void {
      if (task.userId !== userId) violate('own_rows', 'a read');
      const row = {
        ...task,
        createdAt: stampFromTimestamp(task.createdAt),
        updatedAt: stampFromTimestamp(task.updatedAt),
      };
      if (!rows.was(row, askedAt)) violate('truth', `${task.mandate} as ${task.status}`);
    },

    agentStarted(process: Process, mandate: string, resume: Resume | null): void {
      const id = idOf.get(mandate) ?? '';
      const name = life(process, mandate);
      const count = (starts.get(name) ?? 0) + 1;
      starts.set(name, count);
      running.set(name, { process, id });
      if (count > records.grants(process, id)) violate('work_needs_claim', process.name);
      checkpoints.resumed({ process, id, mandate, resume });
    },
    agentStopped: (process: Process, mandate: string) => void running.delete(life(process, mandate)),

    /** Nothing has been away since `calmSince`: agents of tasks that have ended stop in time. */
    checkAgents(calmSince: number): void {
      for (const [name, { process, id }] of running) {
        const ended = rows.endedAt(id);
        if (!process.isAlive() || ended === null) continue;
        if (now() - Math.max(ended, calmSince) > longestQuietMs) violate('stops', name);
      }
    },
    taskCount: () => idOf.size,
    isAnyAgentRunning: () => [...running.values()].some(({ process }) => process.isAlive()),

    /** At the end: all that was promised is there, or was ended by its owner. */
    checkPromises(): void {
      for (const id of promised) {
        if (!rows.current(id) && rows.endedAt(id) === null) violate('durable', id);
      }
    },
    violate,
  };
}

function eventOf(step: Command['step'], to: Status): TaskEvent | null {
  if (step === 'claim') return 'claim';
  if (step === 'report') return to === 'started' ? 'start' : 'tick';
  if (step === 'end') return to === 'completed' ? 'complete' : 'fail';
  return step === 'release' || step === 'fail' ? 'fail' : null;
}
