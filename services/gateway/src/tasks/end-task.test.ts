import { createClock } from '@tickwork/runtime/process/clock';
import type { UserTasks } from '@tickwork/task/ports';
import type { Task, TaskKey } from '@tickwork/task/task';
import { describe, expect, test } from 'vitest';
import { createCancelTask } from './cancel-task.ts';
import { createDeleteTask } from './delete-task.ts';
import { TaskError } from './errors.ts';
import { createRetryTask } from './retry-task.ts';
import { createSettle } from './settle.ts';
import type { Submission } from './submit-task.ts';
import { memoryTasks, row, watchedEvents } from './tasks.harness.ts';

const running = row({ status: 'in_progress', tick: 1 });

function harness(stored: Task | null, failing: Partial<UserTasks> = {}) {
  const settled: TaskKey[] = [];
  const submitted: Submission[] = [];
  const { tasks, calls } = memoryTasks(stored, failing);
  const { events, seen } = watchedEvents();
  const settle = async (key: TaskKey) => void settled.push({ id: key.id, correlationId: key.correlationId });
  const readTask = async (of: UserTasks, _user: string, id: string, signal: AbortSignal) => {
    const found = await of.find(id, signal);
    if (!found) throw new TaskError('not_found');
    return found;
  };
  const submitTask = async (_tasks: UserTasks, submission: Submission) => {
    submitted.push(submission);
    return { task: row({ correlationId: 'new' }), isNew: true };
  };
  return {
    cancel: () => createCancelTask({ readTask, settle, events })(tasks, 'user', 'task'),
    remove: (id = 'task') => createDeleteTask({ settle, events })(tasks, id),
    retry: () => createRetryTask({ readTask, submitTask })(tasks, 'user', 'task'),
    calls,
    settled,
    submitted,
    seen,
  };
}
const key = { id: 'row', correlationId: 'task' };

describe('a cancel', () => {
  test('ends the row, and then its record', async () => {
    const { cancel, calls, settled, seen } = harness(running);
    expect(await cancel()).toMatchObject({ status: 'cancelled', tick: 1 });
    expect([calls, settled, seen]).toEqual([['find', 'cancel'], [key], ['cancelled']]);
  });

  test('of a cancelled task changes nothing, and says the same', async () => {
    const { cancel, calls, settled, seen } = harness(row({ status: 'cancelled' }));
    expect(await cancel()).toMatchObject({ status: 'cancelled' });
    // Again, as the first one's may not have come through.
    expect([calls, settled, seen]).toEqual([['find'], [key], []]);
  });

  test.each(['completed', 'error'] as const)(
    'of a task that is %s is refused, with the task',
    async (status) => {
      const { cancel, calls } = harness(row({ status }));
      await expect(cancel()).rejects.toMatchObject({ code: 'task_ended', task: { id: 'row', status } });
      expect(calls).toEqual(['find']);
    },
  );

  test.each([
    ['completed', 'task_ended'],
    ['cancelled', null],
  ] as const)('that comes after another end, %s, tells that', async (status, code) => {
    const answers = [running, row({ status })];
    const { cancel, seen } = harness(null, {
      find: async () => answers.shift() ?? null,
      cancel: () => Promise.reject(new TaskError('task_ended')),
    });
    if (code) await expect(cancel()).rejects.toMatchObject({ code, task: { status } });
    else expect(await cancel()).toMatchObject({ status });
    expect(seen).toEqual([]);
  });

  test('of a task that is deleted meanwhile finds none', async () => {
    const answers = [running];
    const { cancel, settled } = harness(null, {
      find: async () => answers.shift() ?? null,
      cancel: async () => null,
    });
    await expect(cancel()).rejects.toMatchObject({ code: 'not_found' });
    expect(settled).toEqual([]);
  });

  test('that Supabase does not take fails, and the record stays', async () => {
    const { cancel, settled } = harness(running, {
      cancel: () => Promise.reject(new TaskError('supabase_unavailable')),
    });
    await expect(cancel()).rejects.toMatchObject({ code: 'supabase_unavailable' });
    expect(settled).toEqual([]);
  });
});

describe('a delete', () => {
  test.each(['task', 'row'])('by %s takes the row away, and then ends its record', async (id) => {
    const { remove, calls, settled, seen } = harness(running);
    expect(await remove(id)).toEqual(running);
    expect([calls, settled, seen]).toEqual([['find', 'remove'], [key], ['deleted']]);
  });

  test('finds nothing twice, nor what went meanwhile', async () => {
    const { remove, settled } = harness(running);
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'not_found' });
    expect(settled).toHaveLength(1);
    const late = harness(running, { remove: async () => null });
    await expect(late.remove()).rejects.toMatchObject({ code: 'not_found' });
    expect(late.settled).toEqual([]);
  });
});

describe('a retry', () => {
  test.each(['completed', 'error', 'cancelled'] as const)(
    'of a task that is %s is a new one',
    async (status) => {
      const { retry, submitted } = harness(row({ status }));
      expect(await retry()).toMatchObject({ isNew: true, task: { correlationId: 'new' } });
      expect(submitted).toEqual([{ userId: 'user', mandate: 'One.', maxTicks: 5, name: undefined }]);
    },
  );

  test.each(['pending', 'in_progress'] as const)('of one that is %s is refused, with it', async (status) => {
    const { retry, submitted } = harness(row({ status }));
    await expect(retry()).rejects.toMatchObject({ code: 'task_not_ended', task: { status } });
    expect(submitted).toEqual([]);
  });

  test('of none finds none', async () => {
    await expect(harness(null).retry()).rejects.toMatchObject({ code: 'not_found' });
  });
});

test.each([
  ['away', () => Promise.reject(new Error('away'))],
  ['slow', () => new Promise<never>(() => {})],
])('a Redis that is %s keeps nobody from ending a task', async (_name, settle) => {
  const settling = createSettle({ records: { settle }, clock: createClock(), limitMs: 20 });
  await expect(settling(key)).resolves.toBeUndefined();
});
