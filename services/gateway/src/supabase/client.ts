import { createClient } from '@supabase/supabase-js';
import { claimsOf } from './jwt.ts';

/** One client for the process; the token comes with each request. Keeps no session and starts no timers. */
export function createSupabaseClient({ url, anonKey }: { url: string; anonKey: string }) {
  return createClient(url, anonKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: claimsOf(anonKey) ? {} : { fetch: withoutBearer(anonKey) },
  });
}

export type TasksClient = ReturnType<typeof createSupabaseClient>;

/** Where a request has no token, supabase-js sends the key as its bearer, also an opaque one, which is none. */
function withoutBearer(key: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (headers.get('authorization') === `Bearer ${key}`) headers.delete('authorization');
    return fetch(input, { ...init, headers });
  };
}
