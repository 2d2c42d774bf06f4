import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

/** An ES256 signing key as a private JWK. */
export async function generateSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' };
}

export interface Jwks {
  readonly keys: readonly JWK[];
}

export function publicJwks(...keys: readonly JWK[]): Jwks {
  return { keys: keys.map(({ d: _private, ...open }) => open) };
}

/** A shared secret, as projects had before there were signing keys. */
export function legacyKey(secret: string): JWK {
  return { kty: 'oct', k: Buffer.from(secret).toString('base64url'), alg: 'HS256' };
}

/** Signs tokens of the shape that Supabase Auth gives them. */
export function createTokens(key: JWK, issuer: string) {
  async function sign(claims: Record<string, unknown>, lifetime: string): Promise<string> {
    const { alg = 'ES256', kid } = key;
    const jwt = new SignJWT(claims).setProtectedHeader({ alg, ...(kid ? { kid } : {}), typ: 'JWT' });
    return jwt
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(await importJWK(key, alg));
  }
  return {
    anon: () => sign({ role: 'anon' }, '10y'),
    reconciler: (lifetime = '90d') => sign({ role: 'task_reconciler', aud: 'authenticated' }, lifetime),
    user: ({ id, email }: { id: string; email: string }) =>
      sign(
        {
          sub: id,
          email,
          role: 'authenticated',
          aud: 'authenticated',
          aal: 'aal1',
          amr: [{ method: 'password', timestamp: Math.floor(Date.now() / 1000) }],
          app_metadata: { provider: 'email', providers: ['email'] },
          user_metadata: {},
          is_anonymous: false,
          phone: '',
          session_id: randomUUID(),
        },
        '1h',
      ),
  };
}
