import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { startAdminServer } from './admin-server.ts';

test('tells its state and metrics, and ends', async () => {
  const registry = new Registry();
  new Counter({ name: 'things_total', help: 'Things.', registers: [registry] }).inc();
  const state = { live: true, ready: false };
  const server = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    registry,
    isLive: () => state.live,
    isReady: () => state.ready,
  });
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
  expect((await get('/live')).status).toBe(200);
  expect((await get('/ready')).status).toBe(503);
  state.ready = true;
  state.live = false;
  expect((await get('/ready')).status).toBe(200);
  expect((await get('/live')).status).toBe(503);
  expect(await (await get('/metrics')).text()).toContain('things_total 1');
  expect((await get('/else')).status).toBe(404);
  await server.close();
  await expect(get('/live')).rejects.toThrow();
});
