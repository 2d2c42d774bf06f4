import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../stack/postgres.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
/** From the oldest to the newest; the last two of one microsecond. */
let ids: string[];
const times = ['00:00:01', '00:00:02', '00:00:02.000001', '00:00:03', '00:00:03'];
const statuses = ['completed', 'error', 'completed', 'pending', 'cancelled'];

beforeAll(async () => {
  tickwork = await startTickwork({ services: ['api'] });
  user = await signIn(tickwork);
  const userId = (await user.supabase.auth.getUser(user.token)).data.user?.id ?? '';
  ids = times.map((_time, index) => `${index}${randomUUID().slice(1)}`);
  const rows = ids.map(
    (id, index) =>
      `('${id}', '${randomUUID()}', '${userId}', 'x', '${statuses[index]}', '2026-01-01T${times[index]}Z')`,
  );
  await query(
    tickwork.project.superuserUrl,
    `insert into public.tasks (id, correlation_id, user_id, mandate, status, created_at) values ${rows}`,
  );
});
afterAll(() => tickwork.close());

interface List {
  readonly tasks: readonly TaskJson[];
  readonly next_cursor: string | null;
  readonly total?: number;
}
async function get(path: string) {
  const response = await user.call(path);
  expect(response.status).toBe(200);
  return { link: response.headers.get('link'), ...((await response.json()) as List) };
}
/** By their places in `ids`. */
const placesOf = (list: List) => list.tasks.map(({ id }) => ids.indexOf(id));

test('pages follow each other, newest first, whatever is added or deleted meanwhile', async () => {
  const first = await get('/tasks?limit=2&total=true');
  expect([placesOf(first), first.total]).toEqual([[4, 3], 5]);
  const added = await user.submit('Newer.');
  const link = /^<(.*)>; rel="next"$/.exec(first.link ?? '')?.[1] ?? '';
  expect(link).toContain(`cursor=${first.next_cursor}`);
  const second = await get(link);
  expect([placesOf(second), second.total]).toEqual([[2, 1], 6]);
  await user.supabase.from('tasks').delete().eq('id', added.id);
  const third = await get(`/tasks?limit=2&cursor=${second.next_cursor}`);
  expect(third).toMatchObject({ link: null, next_cursor: null });
  expect(placesOf(third)).toEqual([0]);
});

test('a page may end between two tasks of one microsecond', async () => {
  const first = await get('/tasks?limit=1');
  const second = await get(`/tasks?limit=1&cursor=${first.next_cursor}`);
  expect([placesOf(first), placesOf(second)]).toEqual([[4], [3]]);
});

describe('a filter', () => {
  test.each([
    ['status=completed', [2, 0]],
    ['status=completed&status=error', [2, 1, 0]],
    ['created_after=2026-01-01T00:00:02Z', [4, 3, 2]],
    ['created_before=2026-01-01T01:00:02.000001%2B01:00', [1, 0]],
    ['created_after=2026-01-01T00:00:01Z&created_before=2026-01-01T00:00:03Z&status=error', [1]],
    ['status=in_progress', []],
    ['created_after=9999-12-31T23:59:59Z', []],
    ['created_before=0001-01-01T00:00:00Z', []],
  ])('%s', async (filter, places) => {
    const list = await get(`/tasks?${filter}&total=true`);
    expect([placesOf(list), list.total]).toEqual([places, places.length]);
  });

  test('goes along with the link', async () => {
    const first = await get('/tasks?status=completed&limit=1');
    const second = await get(/^<(.*)>/.exec(first.link ?? '')?.[1] ?? '');
    expect([placesOf(second), second.next_cursor]).toEqual([[0], null]);
  });
});

test("another's cursor shows nothing but one's own", async () => {
  const { next_cursor } = await get('/tasks?limit=1');
  const other = await signIn(tickwork);
  const list = await (await other.call(`/tasks?cursor=${next_cursor}&total=true`)).json();
  expect(list).toEqual({ tasks: [], next_cursor: null, total: 0 });
});
