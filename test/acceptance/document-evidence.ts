import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { query } from '../stack/postgres.ts';
import { signIn } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import type { Journey } from './document-journey.ts';
import { schemaEvidence } from './document-schema.ts';
import { separationEvidence } from './document-separation.ts';

const shownFields = 'id correlation_id status mandate max_ticks tick result error created_at updated_at';

/** What shows that a sentence holds; each throws when it does not. */
export const createEvidence = (journey: Journey) => ({
  ...submitEvidence(journey),
  ...syncEvidence(journey),
  ...readEvidence(journey),
  ...userEvidence(journey),
  ...separationEvidence(journey),
  ...schemaEvidence(journey),
});

const submitEvidence = ({ tickwork, submitted, atSubmit, queued, callsOfSubmit, user }: Journey) => ({
  submittedWithAUsersToken() {
    expect(submitted).toMatchObject({ status: 'pending', mandate: 'One. Two. Three.' });
    expect(callsOfSubmit.find(({ method }) => method === 'POST')?.bearer).toBe(user.token);
  },
  async refusedWithoutAToken() {
    const [head = '', body = ''] = user.token.split('.');
    for (const token of ['', `${head}.${body}.${'A'.repeat(86)}`, tickwork.project.anonKey]) {
      const authorization = `Bearer ${token}`;
      const response = await fetch(`${tickwork.url}/tasks`, { method: 'POST', headers: { authorization } });
      expect(response.status).toBe(401);
    }
  },
  async refusedOverTheQuota() {
    const limited = await signIn(tickwork);
    const { data } = await limited.supabase.auth.getUser(limited.token);
    const profile = `insert into public.profiles (user_id, daily_tick_limit) values ('${data.user?.id}', 1)`;
    await query(tickwork.project.superuserUrl, profile);
    const task = await limited.submit('One.');
    const refused = await limited.post({ mandate: 'Two.' });
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { code: 'quota_exceeded', limit: 1, used: 1, left: 0 },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const rows = await limited.supabase.from('tasks').select('correlation_id');
    expect(rows.data).toEqual([{ correlation_id: task.correlation_id }]);
  },
  recordAtSubmit() {
    const { id, user_id } = atSubmit.row;
    expect(atSubmit.record).toMatchObject({ id, user_id, status: 'pending', claim: '' });
  },
  async rowAtSubmit() {
    const { data } = await user.supabase.auth.getUser(user.token);
    expect(atSubmit.row).toMatchObject({ ...submitted, user_id: data.user?.id });
  },
  messageAtSubmit() {
    const { correlation_id, id, mandate, max_ticks } = submitted;
    expect(queued).toMatchObject({ v: 1, correlation_id, id, mandate, max_ticks });
  },
});

const syncEvidence = ({ user, redis, record, unread, read, row, statuses, calls, submitted }: Journey) => ({
  completedInRedis() {
    expect(record).toMatchObject({ status: 'completed', tick: '3' });
    expect(Number(record['updated_at'])).toBeGreaterThan(Number(record['synced_at']));
  },
  rowUntouchedByTheWorker() {
    expect(unread).toMatchObject({ status: 'pending', tick: null, result: null });
    expect(unread.updated_at).toBe(submitted.updated_at);
  },
  syncedByTheRead() {
    expect(read).toMatchObject({ status: 'completed', tick: 3, error: null });
    expect(Date.parse(row.updated_at)).toBe(Math.floor(Number(record['updated_at']) / 1000));
  },
  async nothingWrittenWithoutNews() {
    await waitFor('the read to be confirmed', async () => {
      const [updated, synced] = await redis.hmget(
        `task:${submitted.correlation_id}`,
        'updated_at',
        'synced_at',
      );
      return updated === synced;
    });
    calls.splice(0);
    expect(await user.read(submitted.correlation_id)).toEqual(read);
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /rest/v1/tasks']);
  },
  async everyStatus() {
    expect(new Set(statuses.of(submitted.correlation_id))).toEqual(
      new Set(['accepted', 'started', 'in_progress', 'completed']),
    );
    const failing = await user.submit('fail: on purpose');
    expect((await user.untilStatus(failing.correlation_id, 'error')).error).toBe('on purpose');
  },
});

const readEvidence = ({ user, redis, rowOf, submitted, read, row, callsOfRead, tickwork }: Journey) => ({
  servedAsTheRow() {
    const { user_id: _, ...shown } = row;
    expect(read).toEqual(shown);
  },
  readAsksSupabase() {
    expect(callsOfRead.length).toBeGreaterThan(0);
    expect(callsOfRead.every(({ bearer }) => bearer === user.token)).toBe(true);
  },
  async olderRecordIsNotServed() {
    const key = `task:${submitted.correlation_id}`;
    const earlier = await redis.hgetall(key);
    const { id, user_id } = row;
    await redis.hset(key, { id, user_id, status: 'in_progress', tick: 1, updated_at: 1, synced_at: 0 });
    expect(await user.read(submitted.correlation_id)).toEqual(read);
    expect(await rowOf(submitted.correlation_id)).toEqual(row);
    await redis.del(key);
    if (earlier['id']) await redis.hset(key, earlier);
  },
  nothingInternalIsShown() {
    expect(Object.keys(read)).toEqual(shownFields.split(' '));
  },
  async deletedRowIsGone() {
    const task = await user.submit('One.');
    await user.untilStatus(task.correlation_id, 'completed');
    await user.supabase.from('tasks').delete().eq('correlation_id', task.correlation_id);
    expect(await redis.exists(`task:${task.correlation_id}`)).toBe(1);
    expect((await user.call(`/tasks/${task.correlation_id}`)).status).toBe(404);
  },
  async flushLosesNothing() {
    await redis.flushall();
    await tickwork.redis.stop();
    await tickwork.redis.start();
    expect(await user.read(submitted.correlation_id)).toEqual(read);
  },
});

const userEvidence = ({ tickwork, user, submitted, read, row }: Journey) => ({
  async listed() {
    const { tasks } = (await (await user.call('/tasks')).json()) as { tasks: unknown[] };
    expect(tasks).toContainEqual(read);
  },
  async newestFirst() {
    const ids = [await user.submit('First.'), await user.submit('Second.')].map(({ id }) => id);
    const { tasks } = (await (await user.call('/tasks?limit=2')).json()) as { tasks: { id: string }[] };
    expect(tasks.map(({ id }) => id)).toEqual(ids.reverse());
  },
  async othersSeeNothing() {
    const other = await signIn(tickwork);
    expect((await other.call(`/tasks/${submitted.correlation_id}`)).status).toBe(404);
    expect(await (await other.call('/tasks')).json()).toEqual({ tasks: [], next_cursor: null });
    expect((await other.supabase.from('tasks').select()).data).toEqual([]);
  },
  async ownTasksOnly() {
    const other = (await signIn(tickwork)).supabase.from('tasks');
    const mine = { correlation_id: randomUUID(), user_id: row.user_id, mandate: 'Not mine.' };
    expect((await other.insert(mine)).error?.code).toBe('42501');
    expect((await other.update({ status: 'cancelled' }).eq('id', row.id).select()).data).toEqual([]);
    expect((await other.delete().eq('id', row.id).select()).data).toEqual([]);
  },
  async updatedAtMoves() {
    const own = user.supabase.from('tasks');
    const { data } = await own
      .insert({ correlation_id: randomUUID(), user_id: row.user_id, mandate: 'Mine.' })
      .select();
    const later = await own.update({ status: 'cancelled' }).eq('id', data?.[0].id).select();
    expect(Date.parse(later.data?.[0].updated_at)).toBeGreaterThan(Date.parse(data?.[0].updated_at));
  },
});
