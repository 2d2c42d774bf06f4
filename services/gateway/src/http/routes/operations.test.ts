import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, stubDependencies } from '../app.harness.ts';

let api: Awaited<ReturnType<typeof startApp>>;
const stub = stubDependencies();
let healthy = true;
beforeAll(async () => {
  api = await startApp({ checkHealth: async () => ({ ...(await stub.checkHealth()), healthy }) });
});
afterAll(() => api.close());

test.each([
  ['/version', { version: '1.0.0' }],
  ['/worker-count', { activeWorkers: 2 }],
  [
    '/system-info',
    {
      title: 'Tickwork',
      gatewayVersion: '1.0.0',
      workerVersion: '1.0.0',
      activeWorkers: 2,
      lastUpdate: '2026-01-01T00:00:00.000Z',
      github: '',
    },
  ],
])('%s is open to anyone, whatever bearer comes along', async (path, answer) => {
  for (const authorization of ['', 'Bearer anon-key']) {
    const response = await api.call(path, { headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([200, answer]);
  }
});

test('the quota is its user’s, and asks for a token', async () => {
  const response = await api.call('/quota');
  const quota = { limit: 6, used: 2, left: 4, resets_at: '2026-01-02T00:00:00Z' };
  expect([response.status, await response.json()]).toEqual([200, quota]);
  expect((await api.call('/quota', { headers: { authorization: '' } })).status).toBe(401);
});

test('the health is 503 where nobody can be served', async () => {
  for (const [given, status] of [
    [true, 200],
    [false, 503],
  ] as const) {
    healthy = given;
    const response = await api.call('/health');
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { healthy, backlog: { ready: 0 } },
    ]);
  }
});
