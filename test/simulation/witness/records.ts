import { isFinal } from '@tickwork/task/status';
import type { Process } from '../process.ts';
import type { Step } from '../steps.ts';
import { broughtBy, type Command, codeOf, type Hash, isAhead, isEnded, stampOf } from './command.ts';
import type { Invariant, Losses } from './invariants.ts';
import type { Rows } from './rows.ts';
import type { createValues } from './values.ts';

export interface RecordsContext {
  readonly losses: Losses;
  readonly rows: Pick<Rows, 'current' | 'endedAt'>;
  readonly values: ReturnType<typeof createValues>;
  readonly maxAttempts: number;
  /** Redis' clock, in microseconds. */
  readonly redisNow: () => number;
  readonly now: () => number;
  readonly violate: (invariant: Invariant, text: string) => void;
}

/** Watches every command on a record. */
export function watchRecords(context: RecordsContext) {
  const { losses, rows, values, maxAttempts, redisNow, now, violate } = context;
  const owner = new Map<string, string>();
  const holder = new Map<string, string>();
  const promised = new Map<string, { dueAt: number; clockJumps: number }>();
  const attempts = new Map<string, number>();
  const granted = new Map<string, number>();
  const published = new Set<string>();
  const lookedAt = new Map<string, number>();

  const rowEnded = (id: string) => {
    const row = rows.current(id);
    return !row || isFinal(row.status);
  };

  function onClaim({ process, id, token, before, answer }: Command): void {
    if (codeOf(answer) !== 1) return;
    if (
      before?.['claim'] === token &&
      owner.get(id) === token &&
      holder.get(`${id} ${token}`) === process.name
    )
      return;
    const other = holder.get(`${id} ${token}`);
    if (other && other !== process.name) violate('one_holder', `${other} and ${process.name}`);
    const row = rows.current(id);
    const excused = losses.failovers + losses.restores + losses.flushes > 0;
    if (row?.status === 'completed' && !excused) violate('claimed_once', process.name);
    owner.set(id, token);
    holder.set(`${id} ${token}`, process.name);
    granted.set(`${process.name} ${id}`, (granted.get(`${process.name} ${id}`) ?? 0) + 1);
    const count = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, count);
    const most = maxAttempts * (losses.flushes + losses.failovers + losses.restores + 1);
    if (count > most) violate('attempts', `attempt ${count} of ${most}`);
  }

  /** Report, end, heartbeat, put-back and hand-back: what only the holder of the claim may do. */
  function onHeld(command: Command): void {
    const { step, process, id, token, rest, before, after, answer } = command;
    const wrote = codeOf(answer) === 1;
    if (wrote && owner.get(id) !== token && losses.failovers === 0 && changed(before, after)) {
      violate('fenced', `${process.name}, ${step}`);
    }
    const isSpent = rest[2] === '1';
    if (step === 'hand_back' && wrote && !isSpent) attempts.set(id, Math.max(0, (attempts.get(id) ?? 0) - 1));
    const brought = wrote ? broughtBy(command) : null;
    if (brought && brought.tick > Number(before?.['checkpoint_tick'] ?? 0)) attempts.set(id, 1);
    if (wrote || step === 'hand_back') return;
    const promise = promised.get(token);
    const stopped = step === 'resume' && codeOf(answer) === -2;
    const mine = owner.get(id) === token && before?.['id'] === id;
    const within = promise && promise.dueAt > redisNow() && promise.clockJumps === losses.clockJumps;
    if (stopped && mine && within && losses.failovers === 0 && !rowEnded(id)) {
      violate('not_pushed', process.name);
    }
  }

  /** When a process first saw the record as it is; its row was asked after that, or later. */
  function onLook({ process, id, before }: Command): void {
    const name = `${process.name} ${id} ${before?.['due_at']}`;
    if (!lookedAt.has(name)) lookedAt.set(name, now());
  }

  function onRelease({ process, id, seenDueAt, answer }: Command): void {
    if (answer !== 1) return;
    const name = `${id} ${seenDueAt}`;
    if (published.has(name) && losses.flushes + losses.failovers === 0) violate('due_once', process.name);
    published.add(name);
    const ended = rows.endedAt(id);
    const looked = lookedAt.get(`${process.name} ${id} ${seenDueAt}`);
    if (ended !== null && looked !== undefined && ended < looked) violate('row_first', process.name);
  }

  /** What no command may do to a record whose final status Supabase does not have. */
  function onLoss({ step, id, before, after }: Command): void {
    if (!before || !isEnded(before) || !isAhead(before) || step === 'fail') return;
    const kept = after?.['status'] === before['status'] && after?.['id'] === before['id'];
    const row = rows.current(before['id'] ?? '');
    if (!kept && row && !isFinal(row.status)) violate('final_kept', `${step} of ${id}`);
  }

  function onClean({ step, after }: Command): void {
    if (!after || !isEnded(after) || isAhead(after)) return;
    const row = rows.current(after['id'] ?? '');
    if (row && !isFinal(row.status) && losses.restores === 0) violate('no_false_sync', step);
  }

  function onRebase({ before, after }: Command): void {
    const row = rows.current(after?.['id'] ?? '');
    if (!before || before['updated_at'] === after?.['updated_at'] || losses.restores > 0) return;
    if (row && row.updatedAt === stampOf(before) && row.status === before['status']) {
      violate('sent_once', `${row.status}`);
    }
  }

  /** A value is new, or an old one got another stamp. */
  function onStamp({ step, before, after }: Command): void {
    const [id, to] = [after?.['id'], after?.['updated_at']];
    if (!id || !to || (before?.['updated_at'] === to && before['id'] === id) || step === 'seed') return;
    if (step === 'rebase') values.renamed(id, before?.['updated_at'] ?? '', to);
    else values.written(id, to);
    if (step !== 'rebase' && Number(to) > redisNow()) losses.lagged = true;
  }

  return {
    command(command: Command): void {
      const { step } = command;
      if (step === 'claim') onClaim(command);
      if (heldSteps.has(step)) onHeld(command);
      if (step === 'release') onRelease(command);
      if (step === 'rebase') onRebase(command);
      if (step === 'read_record') onLook(command);
      if (step === 'confirm' || step === 'settle') onClean(command);
      onLoss(command);
      onStamp(command);
    },
    /** What Redis told a worker of its claim's end; the worker knows it from now on. */
    told: (token: string, dueAt: number) =>
      void promised.set(token, { dueAt, clockJumps: losses.clockJumps }),
    expired(hash: Hash): void {
      const row = rows.current(hash['id'] ?? '');
      const excused = losses.failovers + losses.restores > 0;
      if (isEnded(hash) && row && !isFinal(row.status) && !excused) violate('final_kept', 'it expired');
    },
    grants: (process: Process, id: string) => granted.get(`${process.name} ${id}`) ?? 0,
  };
}

const heldSteps: ReadonlySet<Step> = new Set(['report', 'heartbeat', 'end', 'resume', 'hand_back']);

const changed = (before: Hash | null, after: Hash | null) => JSON.stringify(before) !== JSON.stringify(after);
