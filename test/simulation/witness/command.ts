import type { Checkpoint } from '@tickwork/task/ports';
import { isFinal, isStatus } from '@tickwork/task/status';
import type { Process } from '../process.ts';
import type { Step } from '../steps.ts';

/** A record's hash as it lies in Redis. */
export type Hash = Readonly<Record<string, string>>;

/** One command on one record, as Redis carried it out. */
export interface Command {
  readonly step: Step;
  readonly process: Process;
  readonly id: string;
  /** What the caller showed, or asked for; by the command. */
  readonly token: string;
  readonly seenDueAt: string;
  /** What else it gave, in the script's order. */
  readonly rest: readonly string[];
  /** What the caller had been told of its claim's checkpoint when it sent this. */
  readonly knew: Checkpoint | null;
  readonly before: Hash | null;
  readonly after: Hash | null;
  readonly answer: unknown;
}

export const stampOf = (hash: Hash | null) => Number(hash?.['updated_at'] ?? 0);
export const isAhead = (hash: Hash) => stampOf(hash) > Number(hash['synced_at'] ?? 0);
export const isEnded = (hash: Hash | null) => isStatus(hash?.['status']) && isFinal(hash['status']);

/** What a script answers first. */
export const codeOf = (answer: unknown) => (Array.isArray(answer) ? answer[0] : answer);

/** With a report: what follows the claim is its hold, its status and then the checkpoint. */
export function broughtBy({ step, rest: [, , state, tick, ranMs] }: Command): Checkpoint | null {
  return step === 'report' && state ? { state, tick: Number(tick), ranMs: Number(ranMs) } : null;
}

/** With a claim's answer. */
export function toldBy({ answer }: Command): Checkpoint | null {
  const [, , , , state, tick, ranMs] = Array.isArray(answer) ? answer : [];
  return state ? { state, tick: Number(tick), ranMs: Number(ranMs) } : null;
}

export function checkpointOf(hash: Hash | null): Checkpoint | null {
  const { checkpoint: state, checkpoint_tick: tick, checkpoint_ran_ms: ranMs } = hash ?? {};
  return state ? { state, tick: Number(tick), ranMs: Number(ranMs) } : null;
}
