import { text as readText } from 'node:stream/consumers';
import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import { Type } from 'typebox';
import { count, loadConfig, optional, text } from '../services/runtime/src/process/config.ts';
import { runCommand } from '../services/runtime/src/process/run-command.ts';

// Prints a token of the role task_reconciler, and nothing else. It is signed by the key on standard input.
const settings = Type.Object({
  DAYS: count(90, { minimum: 1, maximum: 3650 }),
  ISSUER: optional(text()),
  AUDIENCE: optional(text()),
});

interface Signer {
  readonly key: CryptoKey | Uint8Array;
  readonly header: { readonly alg: string; readonly kid?: string; readonly typ: 'JWT' };
}

await runCommand(async () => {
  const { DAYS: days, ISSUER: issuer, AUDIENCE: audience } = loadConfig(settings, process.env);
  if (process.stdin.isTTY)
    throw new Error('give the key by a file: make reconciler-token < signing-key.json');
  const { key, header } = await toSigner((await readText(process.stdin)).trim());
  const jwt = new SignJWT({ role: 'task_reconciler' }).setProtectedHeader(header).setIssuedAt();
  if (issuer) jwt.setIssuer(issuer);
  if (audience) jwt.setAudience(audience);
  process.stdout.write(`${await jwt.setExpirationTime(`${days}d`).sign(key)}\n`);
});

/** A message says which field is wrong, never what it holds. */
async function toSigner(input: string): Promise<Signer> {
  if (input === '')
    throw new Error('standard input is empty; it must hold a private JWK, or the legacy secret');
  return /^[{[]/.test(input) ? signerOfJwk(parse(input)) : signerOfSecret(input);
}

function signerOfSecret(secret: string): Signer {
  if (/^(eyJ[\w-]*\.|sb_)/.test(secret)) {
    throw new Error(
      'standard input holds an API key or a token; it must hold a private JWK, or the legacy secret',
    );
  }
  const key = new TextEncoder().encode(secret);
  if (key.length < 32) throw new Error('the legacy secret on standard input must have at least 32 bytes');
  return { key, header: { alg: 'HS256', typ: 'JWT' } };
}

async function signerOfJwk(jwk: JWK): Promise<Signer> {
  const alg = algorithmOf(jwk);
  if (jwk.alg !== undefined && jwk.alg !== alg)
    throw new Error(`the JWK's alg must be ${alg}, as its kty is`);
  if (typeof jwk.d !== 'string')
    throw new Error("the JWK's d must be there: it is a public key, which can't sign");
  // What it may be used for is said for both halves, and importing one of them fails on that.
  const { key_ops: _operations, use: _use, ext: _extractable, ...fields } = jwk;
  const key = await importJWK(fields, alg).catch(() => {
    throw new Error(`the JWK's fields must be those of a private ${alg} key`);
  });
  return { key, header: { alg, ...(typeof jwk.kid === 'string' ? { kid: jwk.kid } : {}), typ: 'JWT' } };
}

function algorithmOf({ kty, crv }: JWK): string {
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty === 'RSA') return 'RS256';
  throw new Error("the JWK's kty must be EC with crv P-256, or RSA");
}

function parse(input: string): JWK {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    throw new Error('standard input starts like a JWK, and is no JSON');
  }
  throw new Error('standard input must hold one JWK, and not a list of them');
}
