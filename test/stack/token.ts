import { runCommand } from '@tickwork/runtime/process/run-command';
import { readEnv } from './environment.ts';
import { credentials, signIn } from './sign-in.ts';

// Prints a user's token, and nothing else.
await runCommand(async () => {
  const env = readEnv();
  if (!env) throw new Error('there is no .stack/env; run make up first');
  const { SUPABASE_URL: url = '', SUPABASE_ANON_KEY: anonKey = '' } = { ...env.given, ...env.made };
  const user = credentials(process.env, 'SUPABASE_URL' in env.given, process.argv[2]);
  if (!user) throw new Error('on a Supabase of your own, set TICKWORK_EMAIL and TICKWORK_PASSWORD');
  process.stdout.write(`${await signIn({ url, anonKey, ...user })}\n`);
});
