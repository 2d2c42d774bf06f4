import { createClient } from '@supabase/supabase-js';

/** One client for the process; the token comes with each request. Keeps no session and starts no timers. */
export function createSupabaseClient({ url, anonKey }: { url: string; anonKey: string }) {
  return createClient(url, anonKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}

export type TasksClient = ReturnType<typeof createSupabaseClient>;
