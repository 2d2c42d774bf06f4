import { createPublicKey, randomUUID } from 'node:crypto';
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { generateSigningKey, legacyKey, publicJwks } from '../front/tokens.ts';
import type { Project } from '../stack/fixture.ts';

interface Change {
  readonly claims?: JWTPayload;
  readonly key?: JWK;
  readonly header?: object;
}
type Sign = (change: Change) => Promise<string>;

/** Tokens that are nobody's to anyone, although nearly all name the user. '' is none at all. */
export async function tokensOfNobody(project: Project, userId: string): Promise<Record<string, string>> {
  const sign = signer(project, userId);
  const [head, claims, signature] = (await sign({})).split('.');
  const [, changed] = (await sign({ claims: { role: 'service_role' } })).split('.');
  const stranger = await generateSigningKey();
  const [open = {}] = publicJwks(project.signingKey).keys;
  const [strangers = {}] = publicJwks(stranger).keys;
  const pem = createPublicKey({ key: open, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return {
    'no token': '',
    'what is no token': `nonsense-${randomUUID()}`,
    'an expired token': await sign({ claims: { exp: seconds() - 3600 } }),
    'another project’s token': await sign({ key: stranger }),
    'another project’s token under the name of this one’s key': await sign({
      key: { ...stranger, kid: project.signingKey.kid ?? '' },
    }),
    'a token that brings its own key': await sign({ key: stranger, header: { jwk: strangers } }),
    'a token that was changed': `${head}.${changed}.${signature}`,
    'an unsigned token': `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
    'a token signed with the public key': await sign({ key: legacyKey(JSON.stringify(open)) }),
    'a token signed with the public key as PEM': await sign({ key: legacyKey(pem.toString()) }),
    'the anon key': project.anonKey,
  };
}

/** Of the project, and no user's: the gateway takes none of them, whatever Supabase would let them do. */
export async function tokensOfOthers(project: Project, userId: string): Promise<Record<string, string>> {
  const sign = signer(project, userId);
  return {
    'the reconciler’s token': project.reconcilerToken,
    'a token of the role service_role': await sign({ claims: { role: 'service_role' } }),
    'a token for another audience': await sign({ claims: { aud: 'anon' } }),
    'a token of another issuer': await sign({ claims: { iss: 'https://elsewhere.example/auth/v1' } }),
    'a token of a user who never signed in': await sign({ claims: { is_anonymous: true } }),
  };
}

const seconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs what would be the user's token, but for the change. */
function signer(project: Project, sub: string): Sign {
  return async ({ claims, key = project.signingKey, header = {} }) => {
    const { alg = 'ES256', kid = project.signingKey.kid ?? '' } = key;
    const iss = `${project.url}/auth/v1`;
    const own = { sub, role: 'authenticated', aud: 'authenticated', iss, exp: seconds() + 3600 };
    return new SignJWT({ ...own, ...claims })
      .setProtectedHeader({ ...header, alg, kid })
      .setIssuedAt()
      .sign(await importJWK(key, alg));
  };
}
