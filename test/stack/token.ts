import { createClient } from '@supabase/supabase-js';
import { readEnv } from './environment.ts';

// Prints a user's token, and nothing else.
const { SUPABASE_URL = '', SUPABASE_ANON_KEY = '' } = readEnv();
const email = process.argv[2] ?? 'alice@example.com';
const client = createClient(SUPABASE_URL, SUPABASE_ANON_KEY, { auth: { persistSession: false } });
const { data, error } = await client.auth.signInWithPassword({ email, password: 'tickwork-demo' });
if (error) throw error;
process.stdout.write(`${data.session.access_token}\n`);
