import { once } from 'node:events';
import { connect } from 'node:net';
import { currentTraceparent } from '@tickwork/runtime/telemetry/trace-context';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TaskError } from '../tasks/errors.ts';
import { row } from '../tasks/tasks.harness.ts';
import { problemOf, startApp, traceId } from './app.harness.ts';

let api: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  api = await startApp();
});
afterAll(() => api.close());

describe('without a token', () => {
  test.each([
    ['a field is wrong', '{"mandate":7}', 'application/json'],
    ['the body is no JSON', '{', 'application/json'],
    ['the body is empty', '', 'application/json'],
    ['the body is of another type', 'x', 'text/csv'],
    ['the body is too large', `"${'x'.repeat(1_100_000)}"`, 'application/json'],
  ])('it is 401 even when %s', async (_name, body, type) => {
    const response = await api.post(body, { authorization: '', 'content-type': type });
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: 'unauthenticated', trace_id: traceId });
  });

  test('a query that is wrong is 401 too', async () => {
    expect((await api.call('/tasks?limit=x', { headers: { authorization: '' } })).status).toBe(401);
  });
});

describe('every field that is wrong is named in one answer', () => {
  test.each([
    ['nothing', {}, ['mandate must be given']],
    ['a blank', { mandate: '  ' }, ['mandate must not be blank']],
    [
      'NUL and half a pair',
      { mandate: 'a\u0000b\ud800' },
      ['mandate must not hold NUL', 'mandate must be well-formed Unicode'],
    ],
    ['8,001 letters', { mandate: 'x'.repeat(8001) }, ['mandate must have at most 8000 characters']],
    ['8,001 code points', { mandate: '😀'.repeat(8001) }, ['mandate must have at most 8000 characters']],
    ['100,000 letters', { mandate: 'x'.repeat(100_000) }, ['mandate must have at most 8000 characters']],
    ['a number', { mandate: 7 }, ['mandate must be text']],
    [
      'nulls',
      { mandate: null, max_ticks: null },
      ['mandate must be text', 'max_ticks must be an integer from 1 to 200'],
    ],
    ['a fraction', { mandate: 'x', max_ticks: 1.5 }, ['max_ticks must be an integer from 1 to 200']],
    [
      'all at once',
      { mandate: '', max_ticks: 201, surprise: 1, 'a/b': 2 },
      [
        'mandate must not be blank',
        'max_ticks must be an integer from 1 to 200',
        'surprise is not known',
        'a/b is not known',
      ],
    ],
  ])('%s', async (_name, body, rules) => {
    const response = await api.post(JSON.stringify(body));
    const { errors = [], contentType, trace_id } = await problemOf(response);
    expect(errors.map(({ field, rule }) => `${field} ${rule}`)).toEqual(rules);
    expect([response.status, contentType, trace_id]).toEqual([
      422,
      'application/problem+json; charset=utf-8',
      traceId,
    ]);
  });

  test('unknown fields, however many, hide no other', async () => {
    const surprises = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`s${index}`, 1]));
    const { errors = [] } = await problemOf(await api.post(JSON.stringify({ ...surprises, max_ticks: 0 })));
    expect(errors.slice(0, 2).map(({ field }) => field)).toEqual(['mandate', 'max_ticks']);
    expect(errors.length).toBeLessThan(50);
  });

  test.each(['0', '1001', '5x', '', '1&limit=2'])('limit=%s', async (limit) => {
    const response = await api.call(`/tasks?limit=${limit}&page=2`);
    expect([response.status, (await problemOf(response)).errors]).toEqual([
      422,
      [
        { field: 'limit', rule: 'must be an integer from 1 to 1000' },
        { field: 'page', rule: 'is not known' },
      ],
    ]);
  });
});

test.each([
  ['no JSON', '{', 'application/json', 400, 'must be JSON'],
  ['__proto__', '{"mandate":"x","__proto__":{"a":1}}', 'application/json', 400, '__proto__'],
  ['nothing', '', 'application/json', 400, 'must not be empty'],
  ['a list', '[]', 'application/json', 422, 'must be a JSON object'],
  ['text', 'x', 'text/plain', 415, undefined],
  ['too much', `"${'x'.repeat(1_100_000)}"`, 'application/json', 413, undefined],
])('a body of %s', async (_name, body, type, status, rule) => {
  const response = await api.post(body, { 'content-type': type });
  const problem = await problemOf(response);
  expect([response.status, problem.status, problem.contentType]).toEqual([
    status,
    status,
    'application/problem+json; charset=utf-8',
  ]);
  if (rule) expect(problem.errors).toEqual([{ field: 'body', rule: expect.stringContaining(rule) }]);
});

test('a body that is not UTF-8 is refused, and not mended', async () => {
  const body = Buffer.concat([Buffer.from('{"mandate":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  const response = await api.call('/tasks', { method: 'POST', body });
  const { errors } = await problemOf(response);
  expect([response.status, errors]).toEqual([400, [{ field: 'body', rule: 'must be well-formed UTF-8' }]]);
});

test('a field that comes twice is refused', async () => {
  const response = await api.post('{"mandate":"One.","max_ticks":1,"max_ticks":200}');
  const { errors } = await problemOf(response);
  expect([response.status, errors]).toEqual([422, [{ field: 'max_ticks', rule: 'must be given once' }]]);
});

test.each([
  ['deep', `{"mandate":${'['.repeat(500_000)}`, 400],
  ['deep and whole', `{"mandate":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 422],
  ['wide', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`)}}`, 422],
])('JSON that is %s is refused like any other', async (_name, body, status) => {
  expect((await api.post(body)).status).toBe(status);
});

test('a route that takes no body takes an empty one, whatever its content type, and no other', async () => {
  const cancel = `/tasks/01939a3c-0000-7000-8000-000000000000/cancel`;
  const send = async (body?: string) =>
    (await api.call(cancel, { method: 'POST', body: body ?? null })).status;
  expect([await send(), await send('{'), await send('{}')]).toEqual([404, 400, 404]);
});

test.each([
  ['PUT', '/tasks', 'GET, POST'],
  ['POST', '/tasks/x', 'GET, DELETE'],
  ['GET', '/tasks/x/cancel', 'POST'],
  ['DELETE', '/health', 'GET'],
  ['QUERY', '/health', 'GET'],
  ['PATCH', '/tasks?limit=1', 'GET, POST'],
])('%s %s is not allowed, and it is said what is', async (method, path, allowed) => {
  const response = await api.call(path, { method });
  expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
});

test.each(['/', '/task', '/tasks/', '/tasks/x/y', '/tasks/x/cancel/y'])('%s is nothing', async (path) => {
  const response = await api.call(path);
  expect([response.status, (await problemOf(response)).code]).toEqual([404, 'not_found']);
});

test('a body that is not there at all', async () => {
  const head = 'POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n';
  expect(await api.sendBytes(head)).toMatch(/^HTTP\/1.1 422 [\s\S]*must be a JSON object/);
});

test('a submit runs in the trace that its client began', async () => {
  let seen: string | null = null;
  const traced = await startApp({
    submitTask: async (tasks, submission) => {
      seen = currentTraceparent();
      return { task: await tasks.insert({ ...submission, correlationId: 'made' }), isNew: true };
    },
  });
  expect((await traced.post('{"mandate":"x"}')).status).toBe(202);
  expect(seen).toContain(traceId);
  await traced.close();
});

describe('what is not even a request', () => {
  test.each([
    ['a URL that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    [
      'a path that is too long',
      `GET /tasks/${'x'.repeat(300)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      400,
    ],
    ['a malformed request line', 'NONSENSE\r\n\r\n', 400],
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s is a problem too', async (_name, bytes, status) => {
    const answer = await api.sendBytes(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({
      status,
      title: expect.any(String),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  test.each([
    ['headers', 'GET /tasks HTTP/1.1\r\nHost: x\r\n'],
    [
      'a body',
      'POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('%s that never end are answered with 408', async (_name, bytes) => {
    const impatient = await startApp({ requestTimeoutMs: 100 });
    expect(await impatient.sendBytes(bytes)).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"timeout"/);
    await impatient.close();
  });
});

test.each([
  [{ kind: 'daily', limit: 6, used: 6, left: 0, retry_after: 3600 } as const, '3600'],
  [null, null],
])('a quota that is used up: %o', async (quota, wait) => {
  const submitTask = () => Promise.reject(new TaskError('quota_exceeded', { quota }));
  const refusing = await startApp({ submitTask });
  const response = await refusing.post('{"mandate":"x"}');
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, wait]);
  expect(await response.json()).toEqual({
    type: 'urn:tickwork:error:quota_exceeded',
    title: 'The quota is used up',
    status: 429,
    detail: 'The quota is used up',
    code: 'quota_exceeded',
    trace_id: traceId,
    ...quota,
  });
  await refusing.close();
});

describe('a submit', () => {
  /** An insert that waits for its release. */
  function slowInsert() {
    const sent = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    const submitTask: Parameters<typeof startApp>[0] = {
      submitTask: async (_tasks, submission, ...signals: AbortSignal[]) => {
        sent.resolve();
        await release.promise;
        for (const signal of signals) signal.throwIfAborted();
        finished.resolve();
        return { task: row({ ...submission, correlationId: 'made' }), isNew: true };
      },
    };
    return { given: submitTask, sent: sent.promise, release: release.resolve, finished: finished.promise };
  }

  test('is carried through when its client goes', async () => {
    const { given, sent, release, finished } = slowInsert();
    const slow = await startApp(given);
    const gone = once(slow.app.server, 'connection').then(([socket]) => once(socket, 'close'));
    const client = connect(slow.port, '127.0.0.1');
    const body = '{"mandate":"x"}';
    client.write(
      `POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await sent;
    client.destroy();
    await gone;
    release();
    await expect(finished).resolves.toBeUndefined();
    await slow.close();
  });

  test('that is under way at the shutdown is answered', async () => {
    const { given, sent, release } = slowInsert();
    const slow = await startApp(given);
    const response = slow.post('{"mandate":"x"}');
    await sent;
    const closed = slow.close();
    await vi.waitFor(() => expect(slow.app.server.listening).toBe(false));
    release();
    expect((await response).status).toBe(202);
    await closed;
  });
});

test('why an answer was 5xx is told with its trace, and not in the answer', async () => {
  const away = new TaskError('supabase_unavailable', {
    cause: { name: 'PostgREST', code: 'PGRST000', status: 503 },
  });
  const failing = await startApp({ readTask: () => Promise.reject(away) });
  const failed = once(failing.events, 'failed');
  const response = await failing.call('/tasks/01939a3c-0000-7000-8000-000000000000');
  const text = await response.text();
  expect([response.status, response.headers.get('retry-after'), JSON.parse(text).trace_id]).toEqual([
    503,
    '5',
    traceId,
  ]);
  expect(text).not.toContain('PGRST000');
  expect((await failed)[0]).toEqual({
    method: 'GET',
    route: '/tasks/:id',
    code: 'supabase_unavailable',
    error: away,
    traceId,
  });
  await failing.close();
});
