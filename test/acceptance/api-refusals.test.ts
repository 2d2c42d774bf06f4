import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSigningKey } from '../front/tokens.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  tickwork = await startTickwork({ services: ['api'], extraEnv: { api: { WRITES_PER_MINUTE: '20' } } });
  user = await signIn(tickwork);
});
afterAll(() => tickwork.close());

const id = '01939a3c-0000-7000-8000-000000000000';
const routes = [
  ['GET', '/tasks'],
  ['POST', '/tasks'],
  ['GET', `/tasks/${id}`],
  ['GET', `/tasks/${id}/events`],
  ['DELETE', `/tasks/${id}`],
  ['POST', `/tasks/${id}/cancel`],
  ['POST', `/tasks/${id}/retry`],
  ['GET', '/quota'],
] as const;

interface Problem {
  readonly code: string;
  readonly trace_id: string;
}
async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const body = method === 'POST' && path === '/tasks' ? '{"mandate":"x"}' : null;
  const response = await user.call(path, { method, headers, body });
  const type = response.headers.get('content-type');
  return {
    status: response.status,
    headers: response.headers,
    type,
    body: (await response.json()) as Problem,
  };
}

/** A token that the project's own key signed, but for `change`. */
async function sign(change: JWTPayload, key = tickwork.project.signingKey): Promise<string> {
  const claims = { sub: id, role: 'authenticated', aud: 'authenticated', is_anonymous: false, ...change };
  return new SignJWT({ iss: `${tickwork.project.url}/auth/v1`, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid ?? '' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importJWK(key, 'ES256'));
}

test('what the others change is all that is wrong with these tokens', async () => {
  const { status } = await ask('GET', '/tasks', { authorization: `Bearer ${await sign({})}` });
  expect(status).toBe(200);
});

describe.each(routes)('%s %s is 401', (method, path) => {
  test.each<[string, () => string | Promise<string>]>([
    ['without a token', () => ''],
    ['with what is no bearer', () => 'Basic YTpi'],
    ['with what is no token', () => 'Bearer nonsense'],
    ['with the anon key', () => `Bearer ${tickwork.project.anonKey}`],
    ['with the reconciler’s token', () => `Bearer ${tickwork.project.reconcilerToken}`],
    ['with the role service_role', async () => `Bearer ${await sign({ role: 'service_role' })}`],
    ['with another audience', async () => `Bearer ${await sign({ aud: 'anon' })}`],
    ['with another issuer', async () => `Bearer ${await sign({ iss: 'https://elsewhere.example/auth/v1' })}`],
    ['as a user who never signed in', async () => `Bearer ${await sign({ is_anonymous: true })}`],
    ['with another project’s key', async () => `Bearer ${await sign({}, await generateSigningKey())}`],
  ])('%s', async (_name, authorization) => {
    const { status, type, headers, body } = await ask(method, path, { authorization: await authorization() });
    expect([status, type, body.code]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
      'unauthenticated',
    ]);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect(body.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });
});

test.each([
  ['GET', '/tasks/none'],
  ['DELETE', `/tasks/${id}x`],
  ['POST', '/tasks/%F0%9F%92%A9/cancel'],
  ['GET', '/nothing'],
])('%s %s is 404', async (method, path) => {
  expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('what a user writes is limited, and the headers tell where one stands', async () => {
  const other = await signIn(tickwork);
  const cancel = () => other.call(`/tasks/${id}/cancel`, { method: 'POST' });
  const first = await cancel();
  expect([first.status, first.headers.get('ratelimit-remaining')]).toEqual([404, '19']);
  for (let count = 1; count < 20; count++) await cancel();
  const refused = await cancel();
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await other.call('/tasks')).status).toBe(200);
});

test('the document that is served is the one that is committed, and the page is there', async () => {
  const served = await (await fetch(`${tickwork.url}/openapi.json`)).json();
  const file = join(import.meta.dirname, '../../docs/openapi.json');
  expect(served).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  const page = await fetch(`${tickwork.url}/docs`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});

test('nothing that a user wrote or carries stands in the log', async () => {
  await user.post({ mandate: 'a-secret-mandate', surprise: 'a-secret-value' });
  await user.submit('a-secret-mandate');
  // The line may be written after the answer.
  const log = await waitFor('the line of the submit', () => {
    const told = tickwork.log('api');
    return told.includes('task submitted') && told;
  });
  for (const secret of ['a-secret', user.token, tickwork.project.anonKey]) expect(log).not.toContain(secret);
});
