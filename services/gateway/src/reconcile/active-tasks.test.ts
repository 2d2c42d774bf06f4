import type { ActiveRow } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { activeStatuses, countActive, noActiveTasks } from './active-tasks.ts';

const row = (status: ActiveRow['status'], updatedAt: number): ActiveRow => ({
  ...{ correlationId: 'c', id: 'i', userId: 'u' },
  status,
  updatedAt,
});

test('page after page: how many of each status, and since when the oldest waits', () => {
  const first = countActive(noActiveTasks, [row('pending', 30), row('started', 1), row('pending', 20)]);
  expect(first).toEqual({ counts: { pending: 2, started: 1 }, oldestPending: 20 });
  const both = countActive(first, [row('pending', 40), row('started', 2)]);
  expect(both).toEqual({ counts: { pending: 3, started: 2 }, oldestPending: 20 });
  expect(countActive(both, [])).toEqual(both);
  expect(countActive(noActiveTasks, [row('accepted', 5)]).oldestPending).toBeNull();
});

test('a status is active until it is final', () => {
  expect(activeStatuses).toEqual(['pending', 'accepted', 'started', 'in_progress']);
});
