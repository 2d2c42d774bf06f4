import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from 'jose';
import { expect, test } from 'vitest';

const script = resolve(import.meta.dirname, '../../supabase/reconciler-token.ts');
const secret = 'a-legacy-secret-of-thirty-two-bytes-or-more';
const day = 86_400;

function mint(input: string, env: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
    input,
    env: { PATH, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { stdout, stderr, status };
}

async function newKey(algorithm: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  // As the Supabase CLI writes them.
  const named = { kid: 'one', alg: algorithm, use: 'sig', ext: true };
  return {
    jwk: { ...(await exportJWK(privateKey)), ...named, key_ops: ['sign', 'verify'] },
    keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), ...named }] }),
  };
}

test.each(['ES256', 'RS256'])(
  'a private JWK of %s signs a token for 90 days, and nothing else is printed',
  async (algorithm) => {
    const { jwk, keys } = await newKey(algorithm);
    const { stdout, ...rest } = mint(JSON.stringify(jwk, null, 2));
    expect(rest).toEqual({ stderr: '', status: 0 });
    const { payload, protectedHeader } = await jwtVerify(stdout.trimEnd(), keys);
    expect(protectedHeader).toEqual({ alg: algorithm, kid: 'one', typ: 'JWT' });
    const { iat = 0, exp = 0, ...claims } = payload;
    expect([claims, exp - iat]).toEqual([{ role: 'task_reconciler' }, 90 * day]);
    expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(60);
  },
);

test('the legacy secret does so too; days, issuer and audience as they are given', async () => {
  const { stdout } = mint(`${secret}\n`, {
    DAYS: '7',
    ISSUER: 'https://project.example',
    AUDIENCE: 'authenticated',
  });
  const token = stdout.trimEnd();
  await expect(jwtVerify(token, new TextEncoder().encode(secret))).resolves.toBeDefined();
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
  const { iat = 0, exp = 0, ...claims } = decodeJwt(token);
  expect([claims, exp - iat]).toEqual([
    { role: 'task_reconciler', iss: 'https://project.example', aud: 'authenticated' },
    7 * day,
  ]);
});

const { jwk } = await newKey('ES256');
const { d: private_, ...open } = jwk;
test.each<[string, string, string]>([
  ['nothing', ' \n', 'standard input is empty'],
  ['a short secret', 'hush-hush', 'must have at least 32 bytes'],
  ['an API key', `sb_secret_${'x'.repeat(40)}`, 'holds an API key or a token'],
  ['a token', `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(40)}.c2ln`, 'holds an API key or a token'],
  ['half a JWK', JSON.stringify(jwk).slice(0, -9), 'is no JSON'],
  ['a list of keys', JSON.stringify([jwk]), 'must hold one JWK'],
  ['a public key', JSON.stringify(open), "the JWK's d must be there"],
  [
    'a key of another kind',
    JSON.stringify({ ...jwk, crv: 'P-384' }),
    "the JWK's kty must be EC with crv P-256",
  ],
  ['a shared key', JSON.stringify({ kty: 'oct', k: private_ }), "the JWK's kty must be"],
  ['another algorithm', JSON.stringify({ ...jwk, alg: 'RS256' }), "the JWK's alg must be ES256"],
  ['a key that is broken', JSON.stringify({ ...jwk, d: `${private_}x` }), "the JWK's fields must be"],
])('%s is refused in words, and none of it is printed', (_name, input, message) => {
  const { stdout, stderr, status } = mint(input);
  expect([stdout, status]).toEqual(['', 1]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^.+\n$/);
  for (const part of ['hush', 'xxxx', private_, open.x]) expect(stderr).not.toContain(part);
});

test('days that are none are refused by their name', () => {
  const { stderr, status } = mint(secret, { DAYS: '1.5' });
  expect([stderr, status]).toEqual(['DAYS must be an integer from 1 to 3650\n', 1]);
});
