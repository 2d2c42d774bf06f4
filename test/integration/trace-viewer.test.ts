import { expect, onTestFinished, test } from 'vitest';
import { exportTo, startTraceViewer } from '../stack/observability.ts';
import { freePort } from '../stack/ports.ts';
import { serversFolder } from '../stack/temporary-folder.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

async function startViewer() {
  const { address } = await startTraceViewer({ folder: serversFolder(), port: await freePort() });
  const read = async (path: string) =>
    (await fetch(address + path, { signal: AbortSignal.timeout(5000) })).text();
  return { env: exportTo(address), read };
}

test('the trace of a task is found by its correlation_id, with the syncs that link to it', async () => {
  const { env, read } = await startViewer();
  const tickwork = await startTickwork({ extraEnv: { api: env, reconciler: env, worker: env } });
  onTestFinished(() => tickwork.close());
  const user = await signIn(tickwork);
  const task = await user.submit('One thing. Another.');
  // Not by the API: each read would be one more trace of this task.
  await waitFor('the end in Supabase', async () => {
    const { data } = await user.supabase.from('tasks').select('status').eq('id', task.id).single();
    return data?.status === 'completed';
  });
  const path = await waitFor('the trace in the list', async () => {
    const list = await read(`/?correlation_id=${task.correlation_id}`);
    return /href="(\/traces\/[0-9a-f]{32})">POST \/tasks</.exec(list)?.[1];
  });
  const trace = await waitFor('the spans of all three services', async () => {
    const page = await read(path);
    return page.includes('end redis') && page.includes('sync tasks') ? page : null;
  });
  expect(trace).toContain(`process ${tickwork.queue}`);
  expect(trace).toContain('tickwork-worker');
  const [, sync = ''] = /What links to this trace.*?href="([^"]+)">sync tasks</s.exec(trace) ?? [];
  const linked = new RegExp(`This trace links to.*href="${path}">POST /tasks<`, 's');
  expect(await read(sync)).toMatch(linked);
});
