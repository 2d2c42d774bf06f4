import { createClient } from '@supabase/supabase-js';

/** Of every user of the stack's own Supabase. */
export const demoPassword = 'tickwork-demo';

export interface SignIn {
  readonly url: string;
  readonly anonKey: string;
  readonly email: string;
  readonly password: string;
}

/** A user's token. */
export async function signIn({ url, anonKey, email, password }: SignIn): Promise<string> {
  const client = createClient(url, anonKey, {
    auth: { persistSession: false },
    global: { fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(10_000) }) },
  });
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw new Error(`${email} could not sign in at ${url}: ${error.message}`);
  return data.session.access_token;
}

/** Who signs in: of a project of the user's own they say it, else it is anyone. Null where they don't. */
export function credentials(env: NodeJS.ProcessEnv, isOwnProject: boolean, wanted?: string) {
  if (!isOwnProject) return { email: wanted ?? 'alice@example.com', password: demoPassword };
  const email = wanted ?? env['TICKWORK_EMAIL'];
  const password = env['TICKWORK_PASSWORD'];
  return email && password ? { email, password } : null;
}
