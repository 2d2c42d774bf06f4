import { randomUUID } from 'node:crypto';
import type { NewTask, ReconcilerTasks, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { Status } from '@tickwork/task/status';
import type { Task, TaskUpdate } from '@tickwork/task/task';
import type { Owner } from '../owner.ts';

export interface TestUser {
  readonly id: string;
  /** As the gateway acts for this user. */
  readonly tasks: UserTasks;
  /** As this user acts in Supabase itself. */
  readonly owner: Owner;
}

/** A Supabase with Tickwork's schema, real or in memory. Others may be at work in it. */
export interface TasksUnderTest {
  readonly reconciler: ReconcilerTasks;
  newUser(): Promise<TestUser>;
  /** How many of the day's tasks the user was charged for. */
  usedToday(user: TestUser): Promise<number>;
}

export interface Limits {
  readonly dailyLimit: number;
  readonly activeLimit: number;
}
export type CreateTasks = (limits: Limits) => Promise<TasksUnderTest>;

/** For tests that are not about limits. */
export const wide: Limits = { dailyLimit: 100_000, activeLimit: 100_000 };

export const secondUs = 1_000_000;
export const dayUs = 86_400 * secondUs;
export const open: AbortSignal = new AbortController().signal;

/** A row, and its first stamp. */
export interface Submitted extends Task {
  readonly stamp: number;
}

export const newTask = (userId: string, given: Partial<NewTask> = {}): NewTask => ({
  correlationId: randomUUID(),
  userId,
  mandate: 'Say hello.',
  maxTicks: 50,
  ...given,
});

export async function submit(user: TestUser, given: Partial<NewTask> = {}): Promise<Submitted> {
  const task = await user.tasks.insert(newTask(user.id, given));
  return { ...task, stamp: stampFromTimestamp(task.updatedAt) };
}

export const update = (
  { correlationId, id }: Pick<Task, 'correlationId' | 'id'>,
  status: Status,
  updatedAt: number,
  more: Partial<TaskUpdate> = {},
): TaskUpdate => ({ correlationId, id, status, tick: 1, result: '{}', error: null, updatedAt, ...more });

/** The row as its owner sees it, with its stamp; null when there is none. */
export async function rowOf(user: TestUser, correlationId: string): Promise<Submitted | null> {
  const row = await user.tasks.find(correlationId, open);
  return row && { ...row, stamp: stampFromTimestamp(row.updatedAt) };
}
