import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemOf, startApp, userNamed } from './app.harness.ts';

const id = '01939a3c-0000-7000-8000-00000000000a';
let api: Awaited<ReturnType<typeof startApp>>;
beforeEach(async () => {
  const authenticate = async (authorization = '') => userNamed(authorization);
  api = await startApp({ authenticate, writesPerMinute: 3 });
});
afterEach(() => api.close());

const submit = (by: string) => api.post('{"mandate":"One."}', { authorization: by });

test('what a user writes is limited, in all together; what is read, and other users, are not', async () => {
  const first = await submit('alice');
  expect(first.status).toBe(202);
  expect([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
    '3',
    '2',
  ]);
  const as = { headers: { authorization: 'alice' } };
  await api.call(`/tasks/${id}`, { method: 'DELETE', ...as });
  await api.call(`/tasks/${id}/cancel`, { method: 'POST', ...as });

  const response = await submit('alice');
  expect([response.status, (await problemOf(response)).code]).toEqual([429, 'rate_limited']);
  const wait = Number(response.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(response.headers.get('ratelimit-reset')).toBe(String(wait));
  expect((await api.call(`/tasks/${id}/retry`, { method: 'POST', ...as })).status).toBe(429);

  expect((await api.call('/tasks', as)).status).toBe(200);
  expect((await submit('bob')).status).toBe(202);
});

test('what is refused for its content counts too', async () => {
  for (let index = 0; index < 3; index++)
    expect((await api.post('{', { authorization: 'alice' })).status).toBe(400);
  expect((await submit('alice')).status).toBe(429);
});
