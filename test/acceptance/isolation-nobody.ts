import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { generateSigningKey } from '../front/tokens.ts';
import type { Project } from '../stack/fixture.ts';

/** Tokens that are nobody's; '' is none at all. All but the last of their kind name the user whose tasks they are after. */
export async function tokensOfNobody(project: Project, userId: string): Promise<Record<string, string>> {
  const token = await sign(project, userId, {});
  const [head, , signature] = token.split('.');
  const [, service] = (await sign(project, userId, { role: 'service_role' })).split('.');
  return {
    'no token': '',
    'what is no token': `nonsense-${randomUUID()}`,
    'an expired token': await sign(project, userId, { exp: seconds() - 3600 }),
    'another project’s token': await sign(project, userId, {}, await generateSigningKey()),
    'a token that was changed': `${head}.${service}.${signature}`,
    'an unsigned token': `${encode({ alg: 'none' })}.${token.split('.')[1]}.`,
    'the anon key': project.anonKey,
  };
}

const seconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function sign(project: Project, sub: string, change: JWTPayload, key: JWK = project.signingKey) {
  const iss = `${project.url}/auth/v1`;
  const claims = { sub, role: 'authenticated', aud: 'authenticated', iss, exp: seconds() + 3600, ...change };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: key.kid ?? '' })
    .setIssuedAt()
    .sign(await importJWK(key, 'ES256'));
}
