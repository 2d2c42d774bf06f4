import { randomUUID } from 'node:crypto';
import { waitFor } from '../stack/wait-for.ts';
import type { accessTo } from './installation.ts';

export interface TaskJson {
  readonly correlation_id: string;
  readonly status: string;
  readonly result: { readonly deliverables?: readonly string[] } | null;
}

/** A signed-in user of the cluster's gateway. Each call opens a connection, so none is bound to a pod. */
export async function createUser(access: Awaited<ReturnType<typeof accessTo>>) {
  const { client, token } = await access.signIn(`${randomUUID()}@example.com`);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    connection: 'close',
  };
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(access.gatewayUrl + path, { ...init, headers, signal: AbortSignal.timeout(15_000) });
  }
  async function until(id: string, read: () => Promise<string | undefined>, statuses: readonly string[]) {
    return waitFor(
      `${id} to be ${statuses.join(' or ')}`,
      async () => {
        const status = await read();
        return status && statuses.includes(status) ? status : null;
      },
      { timeoutMs: 90_000, everyMs: 200 },
    );
  }
  const rowOf = async (id: string) =>
    (await client.from('tasks').select('status').eq('correlation_id', id)).data?.[0]?.status as
      | string
      | undefined;
  const read = async (id: string) => (await (await call(`/tasks/${id}`)).json()) as TaskJson;
  return {
    call,
    read,
    rowOf,
    submit: async (mandate: string): Promise<TaskJson> => {
      const response = await call('/tasks', { method: 'POST', body: JSON.stringify({ mandate }) });
      if (response.status !== 202) throw new Error(`the submit answered ${response.status}`);
      return (await response.json()) as TaskJson;
    },
    /** Through the gateway, which syncs on read. */
    untilRead: (id: string, ...statuses: string[]) =>
      until(id, async () => (await read(id)).status, statuses),
    /** In Supabase itself, so that no read through the gateway helps. */
    untilRow: (id: string, ...statuses: string[]) => until(id, () => rowOf(id), statuses),
  };
}
