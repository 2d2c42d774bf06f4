import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let other: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  tickwork = await startTickwork({ services: ['api'] });
  [user, other] = await Promise.all([signIn(tickwork), signIn(tickwork)]);
});
afterAll(() => tickwork.close());

type User = typeof user;
async function submit(by: User, body: object, key?: string) {
  const headers: Record<string, string> = key ? { 'idempotency-key': key } : {};
  const response = await by.call('/tasks', { method: 'POST', body: JSON.stringify(body), headers });
  const location = response.headers.get('location');
  return { status: response.status, location, body: (await response.json()) as TaskJson & { code?: string } };
}
const rowsOf = async (by: User) => (await by.supabase.from('tasks').select('correlation_id')).data ?? [];

describe('an Idempotency-Key', () => {
  const key = randomUUID();
  const body = { mandate: 'One.', max_ticks: 7 };

  test('makes one task of many submits, at once or later, and after Redis lost all', async () => {
    const atOnce = await Promise.all([1, 2, 3].map(() => submit(user, body, key)));
    expect(atOnce.map(({ status }) => status).sort()).toEqual([200, 200, 202]);
    const redis = new Redis(tickwork.redis.url);
    await redis.flushall();
    redis.disconnect();
    const later = await submit(user, body, key);
    const { correlation_id } = later.body;
    expect(later).toMatchObject({ status: 200, location: `/tasks/${correlation_id}`, body });
    expect(new Set(atOnce.map((answer) => answer.body.correlation_id))).toEqual(new Set([correlation_id]));
    expect(await rowsOf(user)).toEqual([{ correlation_id }]);
  });

  test('with another body is refused', async () => {
    for (const change of [{ mandate: 'Two.' }, { max_ticks: 8 }]) {
      const answer = await submit(user, { ...body, ...change }, key);
      expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
    expect(await rowsOf(user)).toHaveLength(1);
  });

  test('is its user’s alone', async () => {
    const theirs = await submit(other, { mandate: 'Another.' }, key);
    expect(theirs.status).toBe(202);
    expect(await rowsOf(user)).not.toContainEqual({ correlation_id: theirs.body.correlation_id });
  });

  test('of a task that was deleted makes a new one', async () => {
    const again = randomUUID();
    const first = await submit(user, body, again);
    await user.supabase.from('tasks').delete().eq('id', first.body.id);
    const second = await submit(user, body, again);
    expect(second).toMatchObject({ status: 202, body: { correlation_id: first.body.correlation_id } });
    expect(second.body.id).not.toBe(first.body.id);
  });
});

describe('a correlation_id', () => {
  const correlation_id = randomUUID();
  const body = { mandate: 'One.', correlation_id };

  test('of one’s own is taken as it is, and repeated is the same task', async () => {
    const first = await submit(user, { ...body, correlation_id: correlation_id.toUpperCase() });
    expect(first).toMatchObject({ status: 202, location: `/tasks/${correlation_id}`, body });
    expect(await submit(user, body)).toMatchObject({ status: 200, body: { id: first.body.id } });
  });

  test('that another has tells no more than one’s own with another body', async () => {
    const theirs = await submit(other, body);
    const mine = await submit(user, { ...body, mandate: 'Two.' });
    const { trace_id: _one, ...problem } = theirs.body as TaskJson & { trace_id?: string };
    const { trace_id: _two, ...own } = mine.body as TaskJson & { trace_id?: string };
    expect([theirs.status, problem]).toEqual([409, own]);
    expect(problem).toMatchObject({ code: 'conflict' });
  });
});
