import { randomUUID } from 'node:crypto';
import type { Checkpoint, Claim, Seed } from '@tickwork/task/ports';

export const rowStamp = 1_700_000_000_000_000;
export const claimMs = 15_000;
export const maxAttempts = 2;
export const hourMs = 3_600_000;
export const finalStatuses = ['completed', 'error', 'cancelled'] as const;

export const completed = { status: 'completed', result: '{"success":true}', error: null } as const;
export const started = { status: 'started', tick: null, result: null, checkpoint: null } as const;
export const tick = (number: number) =>
  ({ status: 'in_progress', tick: number, result: '{"notes":"on the way"}', checkpoint: null }) as const;

/** A checkpoint at that many ticks, and the report that brings it. */
export const checkpointAt = (number: number): Checkpoint => ({
  state: `{"at":${number}}`,
  tick: number,
  ranMs: number * 1000,
});
export const reaching = (number: number) => ({ ...tick(number), checkpoint: checkpointAt(number) });

/** What a claim is answered that is given. */
export const given = (attempt: number, checkpoint: Checkpoint | null = null) =>
  ({ claimed: true, attempt, checkpoint }) as const;

/** How a worker gives back that stops in good order, and one whose agent failed. */
export const drained = { waitMs: 0, spent: false } as const;
export const failed = { waitMs: 0, spent: true } as const;

export function newTask(): Claim {
  return {
    correlationId: randomUUID(),
    id: randomUUID(),
    userId: randomUUID(),
    token: randomUUID(),
    traceparent: null,
  };
}

export function seedOf(claim: Claim, change: Partial<Seed> = {}): Seed {
  return { ...claim, status: 'pending', updatedAt: rowStamp, held: false, waitMs: 60_000, ...change };
}

/** The same task, claimed by somebody else. */
export function another(claim: Claim): Claim {
  return { ...claim, token: randomUUID() };
}

/** The same correlation_id, of another row. */
export function ofAnotherRow<Task extends object>(task: Task) {
  return { ...task, id: randomUUID() };
}
