import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

// What an existing single-page application expects, which knows supabase-js, `POST /tasks` and `GET /system-info` alone. It is
// served as it is; each test is one thing that it relies on.

const page = 'http://localhost:5173';
const columns = 'id,correlation_id,mandate,status,max_ticks,tick,result,error,created_at,updated_at';
let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let userId: string;
beforeAll(async () => {
  const CORS_ORIGINS = 'http://localhost:3000 http://localhost:5173 https://*.preview.example.com';
  tickwork = await startTickwork({ extraEnv: { api: { CORS_ORIGINS } } });
  user = await signIn(tickwork);
  userId = (await user.supabase.auth.getUser(user.token)).data.user?.id ?? '';
});
afterAll(() => tickwork.close());

const submit = (mandate: string) =>
  user.call('/tasks', {
    method: 'POST',
    headers: { origin: page },
    body: JSON.stringify({ mandate, max_ticks: 80 }),
  });
const tasks = () => user.supabase.from('tasks');
const rows = async () => (await tasks().select(columns).order('created_at', { ascending: false })).data ?? [];
const untilStatus = (id: string, ...statuses: string[]) =>
  waitFor(`the row to be ${statuses}`, async () =>
    (await rows()).find((row) => row.correlation_id === id && statuses.includes(row.status)),
  );

describe('calls of the gateway', () => {
  test.each([
    ['POST', '/tasks'],
    ['GET', '/system-info'],
  ])(
    '%s %s is preflighted: both headers are allowed, and the leave is kept for 10 minutes',
    async (method, path) => {
      const headers = {
        origin: page,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      };
      const response = await fetch(tickwork.url + path, { method: 'OPTIONS', headers });
      expect(response.ok).toBe(true);
      const header = (name: string) => response.headers.get(`access-control-${name}`) ?? '';
      expect(header('allow-origin')).toBe(page);
      expect(header('allow-methods')).toContain(method);
      expect(header('allow-headers').toLowerCase()).toMatch(/authorization.*content-type/);
      expect(header('max-age')).toBe('600');
    },
  );

  test.each([
    [page, true],
    ['http://localhost:3000', true],
    ['https://a.preview.example.com', true],
    ['https://elsewhere.example', false],
  ])('origins are told one by one and by pattern: %s %s', async (origin, allowed) => {
    const response = await fetch(`${tickwork.url}/system-info`, { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
  });

  test('a submit is any 2xx with JSON, whose correlation_id is shown; max_ticks of 80 is kept, and the text as typed', async () => {
    const response = await submit('  One.\n ');
    expect(response.ok).toBe(true);
    expect(response.headers.get('content-type')).toContain('application/json');
    const task = (await response.json()) as TaskJson;
    expect(task).toMatchObject({ mandate: '  One.\n ', max_ticks: 80, status: 'pending' });
    expect((await rows())[0]).toMatchObject({ correlation_id: task.correlation_id, mandate: '  One.\n ' });
  });

  test('8,000 UTF-16 units are taken, whatever they are', async () => {
    for (const mandate of ['x'.repeat(8000), '😀'.repeat(4000)])
      expect((await submit(mandate)).ok).toBe(true);
  });

  test.each([
    ['401', { authorization: 'Bearer nonsense' }, '{"mandate":"x"}'],
    ['422', {}, '{"mandate":" "}'],
  ])('a %s can be read by the page too', async (status, headers, body) => {
    const response = await user.call('/tasks', {
      method: 'POST',
      body,
      headers: { origin: page, ...(headers as Record<string, string>) },
    });
    expect([String(response.status), response.headers.get('access-control-allow-origin')]).toEqual([
      status,
      page,
    ]);
  });

  test('the anon key is no reason to refuse /system-info, and what it shows is there', async () => {
    const headers = {
      authorization: `Bearer ${tickwork.project.anonKey}`,
      'content-type': 'application/json',
      origin: page,
    };
    const read = async () => (await fetch(`${tickwork.url}/system-info`, { headers })).json();
    const info = await waitFor('the worker to be counted', async () => {
      const given = (await read()) as { activeWorkers: number };
      return given.activeWorkers === 1 && given;
    });
    expect(info).toEqual({
      title: expect.any(String),
      gatewayVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      workerVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      activeWorkers: 1,
      lastUpdate: expect.stringMatching(/^\d{4}-.*Z$/),
      github: expect.any(String),
    });
    expect(await (await fetch(`${tickwork.url}/worker-count`, { headers })).json()).toEqual({
      activeWorkers: 1,
    });
  });

  test('a worker that goes is counted no more', async () => {
    await tickwork.kill('worker', 'SIGTERM');
    await waitFor('no worker', async () => {
      const info = (await (await fetch(`${tickwork.url}/system-info`)).json()) as { activeWorkers: number };
      return info.activeWorkers === 0;
    });
    await tickwork.start('worker');
  });
});

describe('what it reads and writes in Supabase', () => {
  test('the session, and a token without email_confirmed_at', async () => {
    const { data } = await user.supabase.auth.getUser(user.token);
    expect(data.user).toMatchObject({ id: userId, role: 'authenticated' });
    const claims = JSON.parse(Buffer.from(user.token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).not.toHaveProperty('email_confirmed_at');
  });

  test('it makes the profile itself, with a limit of 6; credits are limit less used of today in UTC, at once after a submit', async () => {
    const own = () => user.supabase.from('profiles').select('user_id').eq('user_id', userId);
    if ((await own()).data?.length === 0) {
      const profile = { user_id: userId, email: 'someone@example.com', daily_tick_limit: 6 };
      expect((await user.supabase.from('profiles').insert(profile)).error).toBeNull();
    }
    expect((await own()).data).toEqual([{ user_id: userId }]);
    const limit = await user.supabase.from('profiles').select('daily_tick_limit').eq('user_id', userId);
    expect(limit.data?.[0]?.daily_tick_limit).toBeGreaterThanOrEqual(0);
    const used = async () => {
      const today = new Date().toISOString().slice(0, 10);
      const usage = user.supabase.from('user_daily_usage').select('ticks_used');
      return (await usage.eq('user_id', userId).eq('usage_date', today).maybeSingle()).data?.ticks_used ?? 0;
    };
    const before = await used();
    await submit('Costs one, whatever its max_ticks.');
    expect(await used()).toBe(before + 1);
  });

  test('its list has no filter of users: row-level security alone decides', async () => {
    const other = await signIn(tickwork);
    const theirs = await other.submit('Theirs.');
    expect((await rows()).map(({ correlation_id }) => correlation_id)).not.toContain(theirs.correlation_id);
    expect(await other.supabase.from('tasks').select(columns)).toMatchObject({ data: [{ id: theirs.id }] });
  });

  test('what it shows of a task gets there without any read of the gateway’s; error is null, and the end stays as it was', async () => {
    const { correlation_id } = (await (await submit('One. Two.')).json()) as TaskJson;
    const done = await untilStatus(correlation_id, 'completed', 'error');
    expect(done).toMatchObject({ status: 'completed', error: null, tick: 2 });
    expect(done?.result).toMatchObject({ deliverables: ['1. One.', '2. Two.'], notes: expect.any(String) });
    // The record has been confirmed, and the next passes have nothing to add.
    const later = await submit('One.');
    await untilStatus(((await later.json()) as TaskJson).correlation_id, 'completed');
    expect(await untilStatus(correlation_id, 'completed')).toEqual(done);
  });

  test('it deletes by the row’s id in Supabase itself, also what runs; that stays away', async () => {
    const { id, correlation_id } = (await (await submit('wait 20s: One.')).json()) as TaskJson;
    await untilStatus(correlation_id, 'started');
    expect((await tasks().delete().eq('id', id)).error).toBeNull();
    const next = await submit('One.');
    await untilStatus(((await next.json()) as TaskJson).correlation_id, 'completed');
    expect((await rows()).map((row) => row.id)).not.toContain(id);
  });
});
