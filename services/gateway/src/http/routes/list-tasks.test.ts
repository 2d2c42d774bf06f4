import type { TaskFilter, TaskPage } from '@tickwork/task/ports';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { row } from '../../tasks/tasks.harness.ts';
import { noTasks, problemOf, startApp } from '../app.harness.ts';

const idOf = (index: number) => `01939a3c-0000-7000-8000-00000000000${index}`;
const stored = [3, 2, 1].map((index) => row({ id: idOf(index) }));
let pages: TaskPage[];
let counted: TaskFilter[];
let api: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  const list = async (page: TaskPage) => {
    pages.push(page);
    return stored.slice(page.after ? 2 : 0).slice(0, page.limit);
  };
  const count = async (filter: TaskFilter) => counted.push(filter) + 41;
  api = await startApp({ tasksOf: () => ({ ...noTasks, list, count }) });
});
beforeEach(() => {
  pages = [];
  counted = [];
});
afterAll(() => api.close());

interface List {
  readonly tasks: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
  readonly total?: number;
}
async function get(path: string) {
  const response = await api.call(path);
  expect(response.status).toBe(200);
  return { link: response.headers.get('link'), list: (await response.json()) as List };
}

test('a page, and where the next one is; the last one says that there is none', async () => {
  const first = await get('/tasks?status=error&status=pending&limit=2');
  expect(first.list.tasks.map(({ id }) => id)).toEqual([idOf(3), idOf(2)]);
  const next = `/tasks?status=error&status=pending&limit=2&cursor=${first.list.next_cursor}`;
  expect(first.link).toBe(`<${next}>; rel="next"`);

  const second = await get(next);
  expect(second).toMatchObject({ link: null, list: { tasks: [{ id: idOf(1) }], next_cursor: null } });
  expect(pages[1]?.after).toEqual({ createdAt: 1_767_225_600_000_001, id: idOf(2) });
  expect(pages[1]?.statuses).toEqual(['error', 'pending']);
});

test('without a query: the first 100, of any status and time, and no total', async () => {
  const { list } = await get('/tasks');
  expect(list).not.toHaveProperty('total');
  expect([pages, counted]).toEqual([[{ limit: 101 }], []]);
});

test('a total counts what the filter lets through, on whichever page', async () => {
  const query = 'created_after=2026-01-01T00:00:00Z&created_before=2026-01-01T01:00:01%2B01:00&total=true';
  expect((await get(`/tasks?${query}`)).list.total).toBe(42);
  const [createdAfter, createdBefore] = [1_767_225_600_000_000, 1_767_225_601_000_000];
  expect(counted).toEqual([{ createdAfter, createdBefore }]);
});

test.each([
  ['limit=0', 'limit must be an integer from 1 to 1000'],
  ['limit=1.5', 'limit must be an integer from 1 to 1000'],
  ['limit=1e2', 'limit must be an integer from 1 to 1000'],
  ['limit=1&limit=2', 'limit must be an integer from 1 to 1000'],
  ['cursor=x', 'cursor must be a next_cursor of an earlier answer'],
  ['cursor=', 'cursor must be a next_cursor of an earlier answer'],
  ['cursor=a&cursor=b', 'cursor must be a next_cursor of an earlier answer'],
  ['status=', 'status must be one or several of pending,'],
  ['status=done', 'status must be one or several of pending,'],
  ['status=error,pending', 'status must be one or several of pending,'],
  [`${'status=error&'.repeat(21)}`, 'status must be one or several of pending,'],
  ['created_after=yesterday', 'created_after must be a date and a time'],
  ['created_before=2026-02-30T00:00:00Z', 'created_before must be a date and a time'],
  ['total=1', 'total must be true or false'],
  ['total=%zz', 'total must be true or false'],
  ['__proto__=1', '__proto__ is not known'],
  ['offset=5', 'offset is not known'],
])('%s is refused', async (query, rule) => {
  const response = await api.call(`/tasks?${query}`);
  const { errors = [] } = await problemOf(response);
  expect([response.status, errors.map((error) => `${error.field} ${error.rule}`)]).toEqual([
    422,
    [expect.stringContaining(rule)],
  ]);
  expect(pages).toEqual([]);
});
