import { readFile } from 'node:fs/promises';
import { claimsOf } from './jwt.ts';

const variable = 'SUPABASE_RECONCILER_TOKEN_FILE';

/**
 * Reads the reconciler's token from its file, each time anew: a mounted Secret is replaced under a running process. An error
 * names the variable and never the content. What is no JWT is not even sent: fetch quotes a header that it can't send.
 */
export function createTokenFile(path: string): () => Promise<string> {
  return async () => {
    const token = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new Error(`${variable} must be a file that can be read: ${error.code}`);
    });
    if (!claimsOf(token.trim()))
      throw new Error(`${variable} must be a file that holds a JWT and nothing else`);
    return token.trim();
  };
}

/** In seconds since 1970; null for a token that says no end which a Date can hold. */
export function expiryOf(token: string): number | null {
  const exp: unknown = claimsOf(token)?.exp;
  return typeof exp === 'number' && Math.abs(exp) <= 8.64e12 ? exp : null;
}
