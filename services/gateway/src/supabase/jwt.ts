import { decodeJwt, type JWTPayload } from 'jose';

/** What a JWT says, unverified; null when it is none, as an opaque key. */
export function claimsOf(text: string): JWTPayload | null {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return null;
  try {
    return decodeJwt(text);
  } catch {
    return null;
  }
}
