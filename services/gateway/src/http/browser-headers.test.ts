import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from './app.harness.ts';
import { parseOrigins } from './origins.ts';

const page = 'https://app.example.com';
const token = { authorization: 'Bearer good' };
let api: Awaited<ReturnType<typeof startApp>>;
let closed: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  api = await startApp({ origins: parseOrigins(`${page} http://localhost:*`) });
  closed = await startApp();
});
afterAll(() => Promise.all([api.close(), closed.close()]));

const get = async (path: string, headers: Record<string, string> = {}, app = api) =>
  (await app.app.inject({ path, headers: { ...token, origin: page, ...headers } })).headers;

describe('a page of an allowed origin', () => {
  test.each([
    ['an answer', '/tasks', {}],
    ['a 401', '/tasks', { authorization: '' }],
    ['a 404', '/nothing', {}],
    ['a 405', '/tasks/x/cancel', {}],
    ['a 422', '/tasks?limit=x', {}],
    ['a URL that cannot be decoded', '/%zz', {}],
  ])('may read %s', async (_name, path, headers) => {
    expect(await get(path, headers)).toMatchObject({
      'access-control-allow-origin': page,
      vary: expect.stringContaining('Origin'),
    });
  });

  test.each(['/tasks', '/tasks/x', '/system-info', '/nothing'])('may ask %s for leave', async (path) => {
    const { statusCode, headers } = await api.app.inject({
      method: 'OPTIONS',
      path,
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect([statusCode, headers['access-control-allow-origin'], headers['access-control-max-age']]).toEqual([
      204,
      'http://localhost:5173',
      '600',
    ]);
    const listOf = (name: string) => String(headers[name]).toLowerCase().split(', ');
    expect(listOf('access-control-allow-methods')).toEqual(['get', 'post', 'delete']);
    expect(listOf('access-control-allow-headers')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'idempotency-key']),
    );
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('sees what it needs of the headers', async () => {
    const { 'access-control-expose-headers': exposed } = await get('/tasks');
    for (const name of ['Location', 'Retry-After', 'RateLimit-Remaining', 'Link', 'ETag'])
      expect(exposed).toContain(name);
  });
});

test.each([
  ['another origin', 'https://evil.example', () => api],
  ['any origin, where none is set', page, () => closed],
])('%s is let in nowhere', async (_name, origin, app) => {
  for (const path of ['/tasks', '/%zz'])
    expect(await get(path, { origin }, app())).not.toHaveProperty('access-control-allow-origin');
  const headers = { origin, 'access-control-request-method': 'POST' };
  const preflight = await app().app.inject({ method: 'OPTIONS', path: '/tasks', headers });
  expect(preflight.headers).not.toHaveProperty('access-control-allow-origin');
});

test.each(['/tasks', '/nothing', '/%zz', '/health'])(
  '%s comes with what keeps a browser in check',
  async (path) => {
    expect(await get(path)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  },
);
