import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createAuthenticate, probeAuth } from './authenticate.ts';

const id = '0b9f1c1e-8f43-4a53-9d1f-0c5f7c1d2e3a';
const secret = 'a-secret-of-at-least-thirty-two-characters';
const es256 = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');

let supabaseUrl: string;
let answer: { status: number; body: string };
let asked = 0;
const good = {
  status: 200,
  body: JSON.stringify({
    keys: [
      { ...(await exportJWK(es256.publicKey)), kid: 'known', alg: 'ES256' },
      // No project should list its secret; one that does makes no token of it good here.
      { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'shared', alg: 'HS256' },
    ],
  }),
};
const server = createServer((_request, response) => {
  asked += 1;
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
});
beforeAll(async () => {
  answer = good;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  supabaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

interface Token {
  readonly claims?: JWTPayload;
  readonly kid?: string;
  readonly key?: Parameters<SignJWT['sign']>[0];
  readonly algorithm?: string;
  readonly lifetime?: string;
}
const claimsOf = (given: JWTPayload = {}) => ({
  sub: id,
  role: 'authenticated',
  aud: 'authenticated',
  iss: `${supabaseUrl}/auth/v1`,
  ...given,
});
const sign = ({
  claims,
  kid = 'known',
  key = es256.privateKey,
  algorithm = 'ES256',
  lifetime = '1h',
}: Token) =>
  new SignJWT(claimsOf(claims))
    .setProtectedHeader({ alg: algorithm, kid })
    .setExpirationTime(lifetime)
    .sign(key);
const hs256 = { key: new TextEncoder().encode(secret), algorithm: 'HS256', kid: 'shared' };
const check = (token: string, options: { secret?: string; issuer?: string; allowAnonymous?: boolean } = {}) =>
  createAuthenticate({ supabaseUrl, ...options })(`Bearer ${token}`);

test('a token of the project names its user', async () => {
  const token = await sign({});
  expect(await check(token)).toEqual({ id, token, expiresAt: decodeJwt(token).exp });
});

test('one signed with the secret is taken where the secret is configured, and only there', async () => {
  const token = await sign(hs256);
  expect(await check(token, { secret })).toMatchObject({ id, token });
  expect(await check(await sign({}), { secret })).toMatchObject({ id });
  await expect(check(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(check(token, { secret: `${secret}!` })).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('the public key is no secret: who signs with it by HS256 is refused', async () => {
  const key = new TextEncoder().encode(JSON.stringify(await exportJWK(es256.publicKey)));
  for (const given of [{}, { secret }]) {
    const forged = await sign({ key, algorithm: 'HS256' });
    await expect(check(forged, given)).rejects.toMatchObject({ code: 'unauthenticated' });
  }
});

test('a user who never signed in counts where that is set', async () => {
  const token = await sign({ claims: { is_anonymous: true } });
  expect(await check(token, { allowAnonymous: true })).toMatchObject({ id });
});

test('clocks may differ by some seconds', async () => {
  expect(await check(await sign({ lifetime: '-5s' }))).toMatchObject({ id });
});

test('a token is verified once, and counts until it runs out', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
    answer = good;
  });
  const authenticate = createAuthenticate({ supabaseUrl });
  const bearer = `Bearer ${await sign({ lifetime: '1h' })}`;
  const first = await authenticate(bearer);
  answer = { status: 500, body: '' };
  // Past the JWKS' own age: another verification would have to ask for it.
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await authenticate(bearer)).toEqual(first);
  answer = good;
  vi.setSystemTime(Date.now() + 11_000);
  await expect(authenticate(bearer)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('the issuer may be another address than the one that is asked', async () => {
  const issuer = 'https://project.example/auth/v1';
  expect(await check(await sign({ claims: { iss: issuer } }), { issuer })).toMatchObject({ id });
});

test.each<[string, Token]>([
  ['another issuer', { claims: { iss: 'https://elsewhere.example/auth/v1' } }],
  ['another audience', { claims: { aud: 'anon' } }],
  ['the role service_role', { claims: { role: 'service_role' } }],
  ['the role task_reconciler', { claims: { role: 'task_reconciler' } }],
  ['the role anon', { claims: { role: 'anon' } }],
  ['no role', { claims: { role: undefined } }],
  ['a user who never signed in', { claims: { is_anonymous: true } }],
  ['a begin that is to come', { claims: { nbf: Math.floor(Date.now() / 1000) + 60 } }],
  ['no subject', { claims: { sub: '' } }],
  ['a subject that is no id', { claims: { sub: 'everybody' } }],
  ['an end that is past', { lifetime: '-1m' }],
  ['a key that nobody knows', { kid: 'unknown', key: stranger.privateKey }],
  ['the name of a key and not the key', { key: stranger.privateKey }],
])('a token with %s is refused', async (_name, token) => {
  await expect(check(await sign(token))).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('neither an unsigned token nor one without an end is taken', async () => {
  const unsigned = new UnsecuredJWT(claimsOf()).setExpirationTime('1h').encode();
  const endless = await new SignJWT(claimsOf())
    .setProtectedHeader({ alg: 'ES256', kid: 'known' })
    .sign(es256.privateKey);
  for (const token of [unsigned, endless, 'nonsense', 'a.b.c']) {
    await expect(check(token, { secret })).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  await expect(createAuthenticate({ supabaseUrl })(undefined)).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});

test.each([
  ['an error', { status: 500, body: '' }],
  ['what is no JSON', { status: 200, body: '<html>' }],
  ['what is no set of keys', { status: 200, body: '{}' }],
])('when Supabase Auth answers with %s the token is not at fault', async (_name, given) => {
  answer = given;
  await expect(check(await sign({}))).rejects.toMatchObject({ code: 'supabase_unavailable' });
  answer = good;
});

test('when Supabase Auth is not there the token is not at fault', async () => {
  const authenticate = createAuthenticate({ supabaseUrl: 'http://127.0.0.1:9' });
  await expect(authenticate(`Bearer ${await sign({})}`)).rejects.toMatchObject({
    code: 'supabase_unavailable',
    cause: expect.anything(),
  });
});

test('the probe tells whether Supabase Auth answers', async () => {
  const { signal } = new AbortController();
  await expect(probeAuth(supabaseUrl, signal)).resolves.toBeUndefined();
  answer = { status: 404, body: '' };
  await expect(probeAuth(supabaseUrl, signal)).resolves.toBeUndefined();
  answer = { status: 502, body: '' };
  await expect(probeAuth(supabaseUrl, signal)).rejects.toThrow();
  answer = good;
});

const jwksOf = async (keys: Record<string, CryptoKey>) => {
  const entries = Object.entries(keys).map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid }));
  return { status: 200, body: JSON.stringify({ keys: await Promise.all(entries) }) };
};

test('a rotation: the secret, the old key and the new one count together; a new key is read once in 30 s', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
    answer = good;
  });
  const rs256 = await generateKeyPair('RS256');
  const authenticate = createAuthenticate({ supabaseUrl, secret });
  const outcomeOf = async (token: Token) =>
    authenticate(`Bearer ${await sign(token)}`).then(
      () => 'taken',
      ({ code }) => code,
    );
  const before = asked;
  const shared = hs256;
  const old = {};
  const newer = { kid: 'newer', key: rs256.privateKey, algorithm: 'RS256' };
  const unknown = { kid: 'unknown', key: stranger.privateKey };

  expect([await outcomeOf(shared), asked - before]).toEqual(['taken', 0]);
  expect([await outcomeOf(old), asked - before]).toEqual(['taken', 1]);
  answer = await jwksOf({ known: es256.publicKey, newer: rs256.publicKey });
  expect([await outcomeOf(newer), asked - before]).toEqual(['unauthenticated', 1]);
  vi.setSystemTime(Date.now() + 30_000);
  const all = await Promise.all([shared, old, newer, newer].map(outcomeOf));
  expect([all, asked - before]).toEqual([['taken', 'taken', 'taken', 'taken'], 2]);

  vi.setSystemTime(Date.now() + 30_000);
  const many = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(unknown)));
  expect([new Set(many), asked - before]).toEqual([new Set(['unauthenticated']), 3]);

  answer = await jwksOf({ newer: rs256.publicKey });
  vi.setSystemTime(Date.now() + 600_000);
  expect([await outcomeOf(newer), await outcomeOf(old)]).toEqual(['taken', 'unauthenticated']);
});
