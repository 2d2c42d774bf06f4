import type { DispatchableRow } from '@tickwork/task/ports';
import type { TaskRecord } from '@tickwork/task/task';
import { decide, type Observation, protocolLimits } from './decide.ts';
import type { Action, Question } from './plan.ts';

/** Microseconds: what the decider is told as the time. */
export const now = 1_800_000_000_000_000;

const key = { correlationId: 'c1', id: 'i1' };
export const clean: TaskRecord = {
  ...key,
  userId: 'u1',
  status: 'in_progress',
  tick: 2,
  result: null,
  error: null,
  updatedAt: 100,
  syncedAt: 100,
  claim: 'token',
  attempts: 1,
  dueAt: 200,
  traceparent: null,
};
export const row: DispatchableRow = {
  ...key,
  userId: 'u1',
  mandate: 'm',
  maxTicks: 5,
  status: 'in_progress',
  updatedAt: 100,
};

/** The one action or question that an observation leads to. */
export function decideOne(observation: Observation, at = now): Action | Question {
  const { actions, questions } = decide([observation], at, protocolLimits);
  const [decided, ...more] = [...actions, ...questions];
  if (!decided || more.length > 0) throw new Error('one observation leads to one action or question');
  return decided;
}
