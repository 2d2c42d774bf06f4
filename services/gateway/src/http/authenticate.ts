import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { TaskError } from '../tasks/errors.ts';
import { createTokenCache } from './token-cache.ts';

export interface User {
  readonly id: string;
  readonly token: string;
  /** The token's, in seconds since 1970. */
  readonly expiresAt: number;
}

export interface AuthenticateOptions {
  readonly supabaseUrl: string;
  readonly issuer?: string | undefined;
  /** Legacy projects only. */
  readonly secret?: string | undefined;
  /** Users who never signed in count too. */
  readonly allowAnonymous?: boolean;
}

/** Hosts' clocks may differ by so many seconds. */
const tolerance = 10;
/** Enough that a token is verified once while it is used; about 200 bytes each. */
const mostTokens = 10_000;

const jwksPath = '/.well-known/jwks.json';
const authUrl = (supabaseUrl: string) => `${supabaseUrl.replace(/\/+$/, '')}/auth/v1`;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Verifies a user's token of this project: by the project's JWKS, or by the legacy secret; by both while it changes from one to
 * the other. Which algorithm is taken depends on the key that is configured, never on the token alone. A key that is not known
 * makes it read the JWKS again, once in 30 s at most: whoever sends nonsense causes no more. A token that was verified counts until
 * it runs out, also when its key is withdrawn. Throws `unauthenticated`, or `supabase_unavailable` without a JWKS.
 */
export function createAuthenticate(options: AuthenticateOptions) {
  const { supabaseUrl, issuer, secret, allowAnonymous = false } = options;
  const verified = createTokenCache(mostTokens, () => Date.now() / 1000);
  const auth = authUrl(supabaseUrl);
  const keys = createRemoteJWKSet(new URL(`${auth}${jwksPath}`), {
    timeoutDuration: 3000,
    cooldownDuration: 30_000,
  });
  const shared = secret ? new TextEncoder().encode(secret) : null;
  const common = { issuer: issuer ?? auth, audience: 'authenticated', clockTolerance: tolerance };

  async function verify(token: string): Promise<JWTPayload> {
    if (shared && algorithm(token) === 'HS256') {
      return (await jwtVerify(token, shared, { ...common, algorithms: ['HS256'] })).payload;
    }
    return (await jwtVerify(token, keys, { ...common, algorithms: ['ES256', 'RS256'] })).payload;
  }

  return async (authorization: string | undefined): Promise<User> => {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new TaskError('unauthenticated');
    const known = verified.get(token);
    if (known) return { id: known.userId, token, expiresAt: known.until - tolerance };
    const claims = await verify(token).catch((error: unknown) => {
      throw new TaskError(isRefusal(error) ? 'unauthenticated' : 'supabase_unavailable', { cause: error });
    });
    const { sub, role, exp, is_anonymous: isAnonymous } = claims;
    const isUser = role === 'authenticated' && (allowAnonymous || isAnonymous !== true);
    if (!isUser || !sub || !uuid.test(sub) || !exp) throw new TaskError('unauthenticated');
    verified.set(token, { userId: sub, until: exp + tolerance });
    return { id: sub, token, expiresAt: exp };
  };
}

/** Resolves when Supabase Auth answers; one that still signs with a secret may have no JWKS. */
export async function probeAuth(supabaseUrl: string, signal: AbortSignal): Promise<void> {
  const { status, body } = await fetch(`${authUrl(supabaseUrl)}${jwksPath}`, { signal });
  await body?.cancel();
  if (status >= 500) throw new TaskError('supabase_unavailable');
}

function algorithm(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).alg;
  } catch {
    return undefined;
  }
}

/** The token is at fault, and not the way to the keys. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  );
}
