import { Redis } from 'ioredis';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openEvents, type ServerEvent } from '../stack/event-streams.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { recordSupabase } from './recorded-supabase.ts';

const slowestMedianMs = 250;
const sentences = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}.`).join(' ');
const stampOf = ({ id }: Pick<ServerEvent, 'id'>) => Number(id?.split('-')[0]);

type Tickwork = Awaited<ReturnType<typeof startTickwork>>;
type User = Awaited<ReturnType<typeof signIn>>;
let tickwork: Tickwork;
let user: User;

const follow = (task: TaskJson, lastEventId?: string, token = user.token) =>
  openEvents({
    url: `${tickwork.url}/tasks/${task.correlation_id}/events`,
    token,
    ...(lastEventId === undefined ? {} : { lastEventId }),
  });

/** When Redis told of which stamp of the task, heard beside the gateway. */
async function listenToReports(task: TaskJson) {
  const redis = new Redis(tickwork.redis.url);
  const reports: { stamp: number; at: number }[] = [];
  redis.on('message', (_channel, message: string) => {
    const [id, , stamp] = message.split(' ');
    if (id === task.correlation_id) reports.push({ stamp: Number(stamp), at: performance.now() });
  });
  await redis.subscribe('tasks:ahead');
  onTestFinished(() => redis.disconnect());
  return reports;
}

type Reports = Awaited<ReturnType<typeof listenToReports>>;

/** How long after each report a state at least as new was there. */
function latencies(reports: Reports, shown: readonly { stamp: number; at: number }[]): number[] {
  return reports.map(({ stamp, at }) => {
    const first = shown.find((state) => state.stamp >= stamp);
    if (!first) throw new Error(`nothing as new as ${stamp} was shown`);
    return first.at - at;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A task that waits for its worker, so that whoever is to see all of it can begin before. */
async function submitHeld(mandate: string): Promise<TaskJson> {
  await tickwork.kill('worker', 'SIGTERM');
  return user.submit(mandate);
}

describe.each([
  ['with the reconciler, which syncs at the same moment', ['api', 'reconciler', 'worker'] as const],
  ['without a reconciler', ['api', 'worker'] as const],
])('%s', (_name, services) => {
  beforeAll(async () => {
    tickwork = await startTickwork({ services: [...services] });
    user = await signIn(tickwork);
  });
  afterAll(() => tickwork.close());

  test('a stream shows each report within 250 ms, in order, once, until the end', async () => {
    const task = await submitHeld(sentences(22));
    const reports = await listenToReports(task);
    const stream = await follow(task);
    await tickwork.start('worker');
    await stream.untilEnd();
    const states = stream.events.slice(0, -1);
    expect(stream.events.at(-1)).toMatchObject({ event: 'end', data: { status: 'completed' } });
    expect(states.at(-1)?.data).toMatchObject({ status: 'completed', tick: 22, result: { success: true } });
    const stamps = states.map(stampOf);
    expect(stamps).toEqual([...new Set(stamps)].toSorted((one, other) => one - other));
    expect(reports.length).toBeGreaterThan(20);
    const shown = states.map((event) => ({ stamp: stampOf(event), at: event.at }));
    expect(median(latencies(reports, shown))).toBeLessThan(slowestMedianMs);
  });

  test('a wait is answered within 250 ms of a report, each time with something newer', async () => {
    const task = await submitHeld(sentences(22));
    const reports = await listenToReports(task);
    await tickwork.start('worker');
    const shown: { stamp: number; at: number }[] = [];
    let last: TaskJson = task;
    let etag = (await user.call(`/tasks/${task.correlation_id}`)).headers.get('etag') ?? '';
    while (last.status !== 'completed') {
      const headers = { 'if-none-match': etag };
      const response = await user.call(`/tasks/${task.correlation_id}?wait=30`, { headers });
      expect(response.status).toBe(200);
      last = (await response.json()) as TaskJson;
      expect(response.headers.get('etag')).not.toBe(etag);
      etag = response.headers.get('etag') ?? '';
      shown.push({ stamp: stampOf({ id: etag.slice(1) }), at: performance.now() });
    }
    const seen = reports.filter(({ stamp }) => stamp >= (shown[0]?.stamp ?? 0));
    expect(seen.length).toBeGreaterThan(15);
    expect(median(latencies(seen, shown))).toBeLessThan(slowestMedianMs);
  });

  test.each([
    ['cancels', 'POST', '/cancel', 'end'],
    ['deletes', 'DELETE', '', 'gone'],
  ])(
    'a stream ends at once when its owner %s the task through the gateway',
    async (_name, method, path, end) => {
      const task = await submitHeld('One.');
      const stream = await follow(task);
      await stream.until('the task', ({ event }) => event === 'task');
      const asked = performance.now();
      expect((await user.call(`/tasks/${task.correlation_id}${path}`, { method })).status).toBe(200);
      await stream.untilEnd();
      expect(stream.events.at(-1)?.event).toBe(end);
      // Long before it would be read again by itself.
      expect(performance.now() - asked).toBeLessThan(5000);
    },
  );
});

describe('whoever watches', () => {
  beforeAll(async () => {
    tickwork = await startTickwork({
      extraEnv: {
        api: { WATCH_REREAD_MS: '2000' },
        worker: { CLAIM_MS: '6000' },
        reconciler: { CLAIM_MS: '6000' },
      },
    });
    user = await signIn(tickwork);
  });
  afterAll(() => tickwork.close());

  test('sees the end of a task that fails, and of one that had ended before', async () => {
    const task = await user.submit('fail: no paper');
    const stream = await follow(task);
    await stream.untilEnd();
    expect(stream.events.slice(-2)).toMatchObject([
      { event: 'task', data: { status: 'error', error: 'no paper' } },
      { event: 'end', data: { status: 'error' } },
    ]);
    const late = await follow(task);
    await late.untilEnd();
    expect(late.events.map(({ event }) => event)).toEqual(['task', 'end']);
    const lastEventId = late.events[0]?.id ?? '';
    const again = await user.call(`/tasks/${task.correlation_id}/events`, {
      headers: { 'last-event-id': lastEventId },
    });
    expect(again.status).toBe(204);
  });

  test('comes back with the last id, and gets only what is newer', async () => {
    const task = await user.submit(`wait 3s: ${sentences(10)}`);
    const first = await follow(task);
    await waitFor('some states', () => first.events.length >= 3);
    first.close();
    await first.untilEnd();
    const lastEventId = first.events.at(-1)?.id ?? '';
    const second = await follow(task, lastEventId);
    await second.untilEnd();
    const stamps = [...first.events, ...second.events.slice(0, -1)].map(stampOf);
    expect(stamps).toEqual([...new Set(stamps)].toSorted((one, other) => one - other));
    expect(second.events.at(-1)?.event).toBe('end');
  });

  test('is told that a running task was deleted', async () => {
    const task = await user.submit(`wait 30s: ${sentences(40)}`);
    const stream = await follow(task);
    await stream.until('the task to run', ({ data }) => data['status'] === 'in_progress');
    const waiting = user.call(`/tasks/${task.correlation_id}?wait=60`);
    expect((await user.supabase.from('tasks').delete().eq('id', task.id)).error).toBeNull();
    await stream.untilEnd();
    expect(stream.events.at(-1)?.event).toBe('gone');
    expect([200, 404]).toContain((await waiting).status); // a report can have come before
    expect((await user.call(`/tasks/${task.correlation_id}/events`)).status).toBe(404);
  });

  test('sees what its owner changes in Supabase itself, which no worker reports', async () => {
    await tickwork.kill('worker', 'SIGTERM');
    const task = await user.submit('One.');
    const stream = await follow(task);
    await stream.until('the task', ({ event }) => event === 'task');
    const change = { status: 'cancelled' };
    expect((await user.supabase.from('tasks').update(change).eq('id', task.id)).error).toBeNull();
    await stream.untilEnd();
    expect(stream.events.slice(-2)).toMatchObject([
      { event: 'task', data: { status: 'cancelled' } },
      { event: 'end', data: { status: 'cancelled' } },
    ]);
    await tickwork.start('worker');
  });

  test('goes on through a restart of Redis', async () => {
    const task = await user.submit(`wait 8s: ${sentences(20)}`);
    const stream = await follow(task);
    await stream.until('the task to run', ({ data }) => data['status'] === 'in_progress');
    await tickwork.redis.stop();
    await tickwork.redis.start();
    await stream.untilEnd();
    expect(stream.events.at(-2)?.data).toMatchObject({ status: 'completed' });
  });

  test('is told when the token expires, and the stream ends', async () => {
    await tickwork.kill('worker', 'SIGTERM');
    const task = await user.submit('One.');
    const stream = await follow(task, undefined, await shortToken(user.token, 3));
    await stream.untilEnd();
    expect(stream.events.map(({ event }) => event)).toEqual(['task', 'expired']);
    await tickwork.start('worker');
  });

  test('learns nothing of a task of another', async () => {
    const task = await user.submit('Mine.');
    const other = await signIn(tickwork);
    const answerTo = async (path: string) => {
      const response = await other.call(path);
      const { trace_id, ...problem } = (await response.json()) as { trace_id: string };
      expect(trace_id).toMatch(/^[0-9a-f]{32}$/);
      return { status: response.status, headers: [...response.headers.keys()], problem };
    };
    const none = '01939a3c-0000-7000-8000-000000000000';
    for (const rest of ['/events', '?wait=60']) {
      const theirs = await answerTo(`/tasks/${task.correlation_id}${rest}`);
      expect(theirs.status).toBe(404);
      expect(theirs).toEqual(await answerTo(`/tasks/${none}${rest}`));
      expect(theirs).toEqual(await answerTo(`/tasks/${task.id}${rest}`));
    }
  });

  test('is answered or told to come back when the gateway shuts down, which waits for nobody', async () => {
    await tickwork.kill('worker', 'SIGTERM');
    const task = await user.submit('One.');
    const stream = await follow(task);
    const waiting = user.call(`/tasks/${task.correlation_id}?wait=60`);
    await waitFor('both to watch', async () =>
      /^tickwork_watchers\{kind="wait"\} 1$/m.test(await tickwork.metrics('api')),
    );
    const started = performance.now();
    await tickwork.kill('api', 'SIGTERM');
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await (await waiting).json()).toMatchObject({ id: task.id });
    await stream.untilEnd();
    expect(stream.events.at(-1)).toMatchObject({ event: 'reconnect', retry: expect.any(Number) });
    await tickwork.start('api');
    await tickwork.start('worker');
  });
});

test('however many watch, a report costs one call to Supabase, and the process one subscription', async () => {
  const watchers = 50;
  tickwork = await startTickwork({ services: ['api'] });
  const recorded = await recordSupabase(tickwork.project.url);
  onTestFinished(async () => {
    await tickwork.close();
    await recorded.close();
  });
  await tickwork.kill('api');
  Object.assign(tickwork.env.api, recorded.env);
  await tickwork.start('api');
  user = await signIn(tickwork);
  const task = await user.submit(sentences(10));
  const reports = await listenToReports(task);
  const streams = await Promise.all(Array.from({ length: watchers }, () => follow(task)));
  const redis = new Redis(tickwork.redis.url);
  // The other is this test's.
  expect(await redis.call('pubsub', 'numsub', 'tasks:ahead')).toEqual(['tasks:ahead', 2]);
  redis.disconnect();
  recorded.calls.length = 0;
  await tickwork.start('worker');
  await Promise.all(streams.map((stream) => stream.untilEnd()));
  for (const { events } of streams)
    expect(events.at(-2)?.data).toMatchObject({ status: 'completed', tick: 10 });
  // A report that was told during a read may be in that read already: then the next finds nothing to sync.
  const others = recorded.calls.filter(({ path }) => path !== '/rest/v1/rpc/sync_task');
  expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual(
    others.map(() => 'GET /rest/v1/tasks'),
  );
  expect(recorded.calls.length - others.length).toBeGreaterThan(5);
  expect(recorded.calls.length).toBeLessThanOrEqual(reports.length);
});

/** The user's token, as if it had been given so that it ends soon. */
async function shortToken(token: string, seconds: number): Promise<string> {
  const { signingKey } = tickwork.project;
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
  return new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + seconds })
    .setProtectedHeader({ alg: 'ES256', ...(signingKey.kid ? { kid: signingKey.kid } : {}) })
    .sign(await importJWK(signingKey, 'ES256'));
}
