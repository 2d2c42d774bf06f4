import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Task } from '@tickwork/task/task';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TaskError } from '../../tasks/errors.ts';
import { row } from '../../tasks/tasks.harness.ts';
import { createAwaitNews } from '../../tasks/watch/await-news.ts';
import { createHub } from '../../tasks/watch/hub.harness.ts';
import type { HubSettings } from '../../tasks/watch/hub.ts';
import { printVersion, versionOf } from '../../tasks/watch/version.ts';
import { createWatchTask } from '../../tasks/watch/watch-task.ts';
import { problemOf, startApp } from '../app.harness.ts';

const id = '01939a3c-0000-7000-8000-00000000000a';
const key = { id: '01939a3c-0000-7000-8000-00000000000b', correlationId: id };
const idOf = (task: Task) => printVersion(versionOf(task));

/** The API over a hub whose time the test moves. */
async function startWatching({
  expiresInSeconds = 3600,
  stored = row(key) as Task | null,
  settings = {} as Partial<HubSettings>,
} = {}) {
  const hub = createHub(settings);
  hub.state.row = stored;
  const { clock } = hub;
  const watchTask = createWatchTask(hub);
  const api = await startApp({
    authenticate: async (authorization) => {
      if (!authorization) throw new TaskError('unauthenticated');
      return { id: 'user', token: authorization, expiresAt: clock.wallTime() / 1000 + expiresInSeconds };
    },
    readTask: (_tasks, _user, taskId, signal) =>
      hub.read({ id: 'user', token: 'reader', expiresAt: 0 }, taskId, signal),
    watchTask,
    awaitNews: createAwaitNews({ watchTask, clock }),
    clock,
  });
  onTestFinished(async () => {
    hub.hub.close();
    await hub.advance(10_000);
    await api.close();
  });
  const open = (headers: Record<string, string> = {}) => openStream(api.port, headers);
  /** The row, changed and told. */
  const tell = async (microseconds: number, change: Partial<Task> = {}) => {
    hub.change(microseconds, { ...key, ...change });
    await hub.hint(id);
    return hub.state.row as Task;
  };
  return { api, hub, open, tell };
}

async function openStream(port: number, headers: Record<string, string>) {
  const sent: ClientRequest = request({
    port,
    host: '127.0.0.1',
    path: `/tasks/${id}/events`,
    agent: false,
    headers: { authorization: 'Bearer good', ...headers },
  }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => {}); // cut off
  const state = { text: '' };
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    state.text += chunk;
  });
  response.on('error', () => {}); // cut off
  const ended = new Promise((resolve) => response.once('close', resolve));
  return {
    status: response.statusCode,
    headers: response.headers,
    response,
    ended,
    state,
    names: () => [...state.text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name),
    ids: () => [...state.text.matchAll(/^id: (.*)$/gm)].map(([, name]) => name),
    close: () => sent.destroy(),
  };
}

test('it begins with the task as it is, and goes on with each newer state until the last', async () => {
  const { open, tell, hub } = await startWatching();
  const stream = await open();
  expect(stream.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    connection: 'close',
  });
  await vi.waitFor(() => expect(stream.names()).toEqual(['task']));
  const second = await tell(5, { status: 'in_progress', tick: 1 });
  const last = await tell(9, { status: 'completed', tick: 2, result: { notes: 'two\nlines' } });
  await stream.ended;
  expect(stream.names()).toEqual(['task', 'task', 'task', 'end']);
  expect(stream.ids()).toEqual([row(key), second, last].map(idOf));
  expect(stream.state.text).toMatch(/^retry: 2000\n\n/);
  expect(stream.state.text).toContain('"result":{"notes":"two\\nlines"}');
  expect(stream.state.text).toMatch(/event: end\ndata: {"status":"completed"}\n\n$/);
  expect(hub.watching.stream).toBe(0);
});

describe('Last-Event-ID', () => {
  test('what the client has is not sent again, what is newer is', async () => {
    const { open, tell } = await startWatching();
    const stream = await open({ 'last-event-id': idOf(row(key)) });
    const next = await tell(5);
    await vi.waitFor(() => expect(stream.ids()).toEqual([idOf(next)]));
  });

  test('of an older state, or of another row, the present one is sent', async () => {
    const { open, tell } = await startWatching();
    const now = await tell(5);
    for (const other of [row(key), { ...now, id: '01939a3c-0000-7000-8000-00000000000c' }]) {
      const stream = await open({ 'last-event-id': idOf(other) });
      await vi.waitFor(() => expect(stream.ids()).toEqual([idOf(now)]));
    }
  });

  test('of a final state there is nothing more: 204', async () => {
    const ended = row({ ...key, status: 'completed' });
    const { open, hub } = await startWatching({ stored: ended });
    const stream = await open({ 'last-event-id': idOf(ended) });
    await stream.ended;
    expect([stream.status, stream.state.text, hub.watching.stream]).toEqual([204, '', 0]);
  });

  test.each(['1', 'x', `1-${id}x`, `99999999999999999-${id}`])('%s is refused', async (lastEventId) => {
    const { api } = await startWatching();
    const response = await api.call(`/tasks/${id}/events`, { headers: { 'last-event-id': lastEventId } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toEqual([
      { field: 'last-event-id', rule: 'must be the id of an event of this API' },
    ]);
  });
});

describe('the last event says why no more come', () => {
  test('the row is gone', async () => {
    const { open, hub } = await startWatching();
    const stream = await open();
    hub.state.row = null;
    await hub.hint(id);
    await stream.ended;
    expect(stream.names()).toEqual(['task', 'gone']);
  });

  test('another row has its correlation_id', async () => {
    const { open, tell } = await startWatching();
    const stream = await open();
    await tell(5, { id: '01939a3c-0000-7000-8000-00000000000c' });
    await stream.ended;
    expect(stream.names()).toEqual(['task', 'gone']);
  });

  test('the token expires', async () => {
    const { open, hub } = await startWatching({ expiresInSeconds: 20 });
    const stream = await open();
    await hub.advance(20_250);
    await stream.ended;
    expect(stream.names()).toEqual(['task', 'expired']);
  });

  test('the process shuts down, and says when to come back; its close does not wait', async () => {
    const { open, hub, api } = await startWatching();
    const stream = await open();
    hub.hub.close();
    await stream.ended;
    await api.app.close();
    expect(stream.names()).toEqual(['task', 'reconnect']);
    expect(stream.state.text).toMatch(/retry: [2-5]\d{3}\nevent: reconnect\n/);
  });
});

test('a comment every 15 s says that it still lives', async () => {
  const { open, hub } = await startWatching();
  const stream = await open();
  await hub.advance(14_750);
  expect(stream.state.text).not.toContain('\n: ');
  await hub.advance(30_500);
  await vi.waitFor(() => expect(stream.state.text.match(/^: /gm)).toHaveLength(3));
});

test('a client that is slow gets the newest state alone, and one that does not read is cut off', async () => {
  const { open, hub, tell } = await startWatching();
  const stream = await open();
  await vi.waitFor(() => expect(stream.names()).toEqual(['task']));
  stream.response.pause();
  // Far more than the buffers on the way hold.
  for (let count = 1; count <= 60; count += 1) await tell(count, { mandate: 'x'.repeat(1_000_000) });
  stream.response.resume();
  await vi.waitFor(() => expect(stream.ids()).toContain(idOf(hub.state.row as Task)), 5000);
  expect(stream.ids().length).toBeLessThan(40);
  stream.response.pause();
  for (let count = 61; count <= 90; count += 1) await tell(count, { mandate: 'x'.repeat(1_000_000) });
  hub.hub.close();
  await hub.advance(2000);
  stream.response.resume();
  await stream.ended;
  expect(stream.names()).not.toContain('reconnect');
});

test('a client that goes is forgotten at once', async () => {
  const { open, hub } = await startWatching();
  const stream = await open();
  expect(hub.watching.stream).toBe(1);
  stream.close();
  await vi.waitFor(() => expect(hub.watching.stream).toBe(0));
});

describe('before it begins it is refused as any request', () => {
  test.each<[string, string, RequestInit, number, string]>([
    ['an unknown task', `/tasks/${id}/events`, {}, 404, 'not_found'],
    ['what is no id', '/tasks/x/events', {}, 404, 'not_found'],
    ['no token', `/tasks/${id}/events`, { headers: { authorization: '' } }, 401, 'unauthenticated'],
    ['an unknown field', `/tasks/${id}/events?since=1`, {}, 422, 'invalid'],
    ['another method', `/tasks/${id}/events`, { method: 'POST', body: '{}' }, 405, 'method_not_allowed'],
  ])('%s', async (_name, path, init, status, code) => {
    const { api, hub } = await startWatching({ stored: null });
    const response = await api.call(path, init);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({
      code,
      contentType: 'application/problem+json; charset=utf-8',
    });
    expect(hub.watching.stream).toBe(0);
  });

  test.each([
    [{ mostWatchersPerUser: 1 }, 429, 'too_many_watchers'],
    [{ mostWatchers: 1 }, 503, 'overloaded'],
  ])('with %o the second is', async (settings, status, code) => {
    const { api, open } = await startWatching({ settings });
    await open();
    for (const path of [`/tasks/${id}/events`, `/tasks/${id}?wait=5`]) {
      const response = await api.call(path);
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, '5']);
      expect(await problemOf(response)).toMatchObject({ code });
    }
  });
});

describe('GET /tasks/{id}', () => {
  const etag = `"${idOf(row(key))}"`;

  test('has an ETag, and 304 without a body for who names it', async () => {
    const { api } = await startWatching();
    const response = await api.call(`/tasks/${id}`);
    expect([response.status, response.headers.get('etag')]).toEqual([200, etag]);
    const known = await api.call(`/tasks/${id}`, { headers: { 'if-none-match': etag } });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, etag, '']);
    const other = await api.call(`/tasks/${id}`, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  test.each<[string, Record<string, string>, number]>([
    ['who has the state', { 'if-none-match': etag }, 304],
    ['who told nothing', {}, 200],
  ])('with a wait, when nothing comes, answers %s', async (_name, headers, status) => {
    const { api, hub } = await startWatching();
    const answer = api.call(`/tasks/${id}?wait=30`, { headers });
    await vi.waitFor(() => expect(hub.watching.wait).toBe(1));
    await hub.advance(29_999);
    expect(hub.watching.wait).toBe(1);
    await hub.advance(1);
    expect((await answer).status).toBe(status);
  });

  test('with a wait, answers with what is newer', async () => {
    const { api, hub, tell } = await startWatching();
    const answer = api.call(`/tasks/${id}?wait=30`, { headers: { 'if-none-match': etag } });
    await vi.waitFor(() => expect(hub.watching.wait).toBe(1));
    await hub.settled();
    const newer = await tell(5, { status: 'started' });
    const response = await answer;
    expect([response.status, response.headers.get('etag')]).toEqual([200, `"${idOf(newer)}"`]);
    expect(await response.json()).toMatchObject({ status: 'started' });
  });

  test.each(['0', '61', '1.5', '-1', 'x', '', '5&wait=6'])('wait=%s is refused', async (wait) => {
    const { api } = await startWatching();
    const response = await api.call(`/tasks/${id}?wait=${wait}`);
    expect([response.status, (await problemOf(response)).errors]).toEqual([
      422,
      [{ field: 'wait', rule: 'must be an integer from 1 to 60, in seconds' }],
    ]);
  });
});
