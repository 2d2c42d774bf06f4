import type { TaskPage } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { listTasks } from './list-tasks.ts';
import { never, row } from './tasks.harness.ts';

const stored = ['c', 'b', 'a'].map((id) => row({ id }));
function request(limit: number, { withTotal = false } = {}) {
  const asked: TaskPage[] = [];
  const list = async (page: TaskPage) => {
    asked.push(page);
    return stored.slice(0, page.limit);
  };
  const filter = { createdAfter: 5 };
  const given = { filter, limit, after: undefined, withTotal };
  return { asked, page: listTasks({ list, count: async () => 3 }, given, never) };
}

test('the next page begins behind the last task of this one', async () => {
  const { page, asked } = request(2);
  expect(await page).toEqual({
    tasks: stored.slice(0, 2),
    next: { createdAt: 1_767_225_600_000_001, id: 'b' },
    total: null,
  });
  expect(asked).toMatchObject([{ createdAfter: 5, limit: 3, after: undefined }]);
});

test('a page that takes all that is left is the last one', async () => {
  expect(await request(3).page).toMatchObject({ tasks: stored, next: null });
});

test('no more is asked for than a project gives', async () => {
  const { page, asked } = request(1000);
  await page;
  expect(asked[0]?.limit).toBe(1000);
});

test('a total is counted where it is asked for', async () => {
  expect(await request(1, { withTotal: true }).page).toMatchObject({ total: 3 });
});
