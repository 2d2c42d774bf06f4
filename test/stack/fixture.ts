import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createDatabase, query } from './postgres.ts';

/** A migrated database of a test's own, on the server that all share. */
export async function createSupabase() {
  const { superuserUrl: shared } = inject('services');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(shared, name);
  const urlOf = (role: string) => {
    const url = new URL(shared);
    url.username = role;
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    superuserUrl: urlOf('supabase_admin'),
    databaseUrl: urlOf('postgres'),
    close: async () => void (await query(shared, `drop database ${name} with (force)`)),
  };
}
