import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnsecuredJWT } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { createTokenFile, expiryOf } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickwork-token-'));
afterAll(() => rmSync(folder, { recursive: true }));
const jwt = (claims: object) => `${new UnsecuredJWT({ ...claims }).encode()}c2ln`;

test('a token is read without the line end, and the new one once it is replaced', async () => {
  const path = join(folder, 'replaced');
  const read = createTokenFile(path);
  const [first, second] = [jwt({ exp: 1 }), jwt({ exp: 2 })];
  writeFileSync(path, `${first}\n`);
  expect(await read()).toBe(first);
  writeFileSync(`${path}.new`, second);
  renameSync(`${path}.new`, path);
  expect(await read()).toBe(second);
});

test.each([
  ['nothing', ''],
  ['an opaque key', 'sb_secret_abc'],
  ['what only looks like a JWT', 'secret.secret.secret'],
  ['a JWT and more', `${jwt({})}\nsecret`],
  ['a JWT cut short', jwt({}).slice(0, 22)],
])(
  'a file that holds %s is refused by the name of its variable, without its content',
  async (_name, content) => {
    const path = join(folder, 'wrong');
    writeFileSync(path, content);
    const error = await createTokenFile(path)().catch((reason: unknown) => reason);
    expect(String(error)).toBe(
      'Error: SUPABASE_RECONCILER_TOKEN_FILE must be a file that holds a JWT and nothing else',
    );
  },
);

test('so is one that is not there', async () => {
  await expect(createTokenFile(join(folder, 'none'))()).rejects.toThrow(
    'SUPABASE_RECONCILER_TOKEN_FILE must be a file that can be read: ENOENT',
  );
});

test.each([
  [{ exp: 1_800_000_000 }, 1_800_000_000],
  [{}, null],
  [{ exp: 'tomorrow' }, null],
  [{ exp: 1e300 }, null],
])('the end of %o is %s', (claims, expiry) => {
  expect(expiryOf(jwt(claims))).toBe(expiry);
});
