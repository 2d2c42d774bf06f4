import { TaskError } from '../tasks/errors.ts';
import type { TasksClient } from './client.ts';
import { type Failure, toTaskError } from './errors.ts';

/** The newest of `supabase/migrations`, which this version's calls need. A newer one will do: they expand before they contract. */
export const neededMigration = '20261126000200_estimates';

export interface SchemaCheck {
  readonly client: TasksClient;
  readonly signal: AbortSignal;
  /** Not given: asked with the publishable key alone. */
  readonly accessToken?: string;
}

/** Answers the newest migration that the database has. Throws `schema_missing`, which names both, where that is too old. */
export async function checkSchema({ client, signal, accessToken }: SchemaCheck): Promise<string> {
  const call = client.rpc('tickwork_schema', {}, { get: true }).retry(false).abortSignal(signal);
  if (accessToken) call.setHeader('Authorization', `Bearer ${accessToken}`);
  const { data, error, status }: { data: unknown; error: Failure | null; status: number } = await call;
  // Before the needed migration, the key alone may not ask.
  if (error?.code === '42501' && !accessToken) throw lacking('an older one');
  if (error) throw toTaskError(error, status);
  if (typeof data !== 'string' || !/^\d{14}_\w+$/.test(data)) throw toTaskError({}, status);
  if (data < neededMigration) throw lacking(data);
  return data;
}

function lacking(found: string): TaskError {
  const detail = `The database lacks migration ${neededMigration} (it has ${found}): run supabase/schema.sql`;
  return new TaskError('schema_missing', { detail });
}
