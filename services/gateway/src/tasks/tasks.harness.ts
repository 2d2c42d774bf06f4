import type { NewTask, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp, timestampFromStamp } from '@tickwork/task/stamp';
import type { Task, TaskRecord, TaskUpdate } from '@tickwork/task/task';
import { createGatewayEvents } from '../events.ts';

export const never = AbortSignal.any([]);

export const row = (given: Partial<Task> = {}): Task => ({
  id: 'row',
  correlationId: 'task',
  userId: 'user',
  mandate: 'One.',
  maxTicks: 5,
  status: 'pending',
  tick: null,
  result: null,
  error: null,
  createdAt: '2026-01-01T00:00:00.000001+00:00',
  updatedAt: '2026-01-01T00:00:00.000001+00:00',
  ...given,
});

/** The record of `row()` as it was seeded. */
export const record = (given: Partial<TaskRecord> = {}): TaskRecord => {
  const { id, correlationId, userId, updatedAt } = row();
  const stamp = stampFromTimestamp(updatedAt);
  return {
    id,
    correlationId,
    userId,
    status: 'pending',
    tick: null,
    result: null,
    error: null,
    updatedAt: stamp,
    syncedAt: stamp,
    claim: '',
    attempts: 0,
    dueAt: 0,
    traceparent: null,
    ...given,
  };
};

/** Supabase with at most one row; a sync is taken as it is. Any answer can be replaced by a failure. */
export function memoryTasks(stored: Task | null, failing: Partial<UserTasks> = {}) {
  const calls: string[] = [];
  const state = { row: stored };
  const tasks: UserTasks = {
    insert: async ({ correlationId, userId, mandate, maxTicks }: NewTask) => {
      state.row = row({ correlationId, userId, mandate, maxTicks });
      return state.row;
    },
    find: async (id) => {
      calls.push('find');
      return [state.row?.id, state.row?.correlationId].includes(id) ? state.row : null;
    },
    list: async () => (state.row ? [state.row] : []),
    quota: async () => ({ limit: 6, used: 2, left: 4, resetsAt: '2026-01-02T00:00:00Z' }),
    count: async () => (state.row ? 1 : 0),
    cancel: async () => {
      calls.push('cancel');
      if (state.row) state.row = { ...state.row, status: 'cancelled' };
      return state.row;
    },
    remove: async () => {
      calls.push('remove');
      const { row: removed } = state;
      state.row = null;
      return removed;
    },
    sync: async ({ status, tick, updatedAt }: TaskUpdate) => {
      calls.push('sync');
      if (state.row) state.row = { ...state.row, status, tick, updatedAt: timestampFromStamp(updatedAt) };
      return state.row;
    },
    ...failing,
  };
  return { tasks, calls };
}

/** Events, and the names and outcomes of those that came. */
export function watchedEvents() {
  const events = createGatewayEvents();
  const seen: string[] = [];
  events.on('submitted', () => seen.push('submitted'));
  events.on('dispatched', ({ outcome }) => seen.push(outcome));
  events.on('synced_on_read', ({ outcome }) => seen.push(outcome));
  events.on('ended_by_owner', ({ outcome }) => seen.push(outcome));
  return { events, seen };
}
