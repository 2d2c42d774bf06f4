import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject } from '../stack/fixture.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { recordSupabase } from './recorded-supabase.ts';

let wire: Awaited<ReturnType<typeof recordSupabase>>;
let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  const project = await createProject();
  wire = await recordSupabase(project.url);
  tickwork = await startTickwork({ project, extraEnv: { reconciler: wire.env } });
  user = await signIn(tickwork);
});
afterAll(async () => {
  await tickwork.close();
  await wire.close();
});

const isCircuit = async (state: string) =>
  (await tickwork.metrics('reconciler')).includes(`tickwork_reconciler_circuit{state="${state}"} 1`);

/** Straight from Supabase, so that no read syncs. */
async function statuses(): Promise<string[]> {
  const { data } = await user.supabase.from('tasks').select();
  return (data as TaskJson[]).map(({ status }) => status);
}

test('a Supabase that is away for the reconciler is asked seldom, and has all of it seconds after its return', async () => {
  wire.setAway(true);
  const tasks = 10;
  await Promise.all(Array.from({ length: tasks }, () => user.submit('One. Two. Three. Four. Five.')));
  await waitFor('the circuit to open', () => isCircuit('open'));

  const before = wire.calls.length;
  const since = performance.now();
  await waitFor('the worker to have done all', async () =>
    (await tickwork.metrics('worker')).includes(`tickwork_worker_tasks_total{outcome="completed"} ${tasks}`),
  );
  await waitFor('it to have been tried a few times', () => wire.calls.length >= before + 3);
  const seconds = (performance.now() - since) / 1000;
  // A try comes half a second after the one before at the least, once the first waits are over.
  expect(wire.calls.length - before).toBeLessThanOrEqual(5 + 2 * seconds);
  expect(await statuses()).toEqual(Array(tasks).fill('pending'));

  wire.setAway(false);
  const back = performance.now();
  await waitFor('all to be completed', async () =>
    (await statuses()).every((status) => status === 'completed'),
  );
  expect(performance.now() - back).toBeLessThan(6000);
  expect(await isCircuit('closed')).toBe(true);
  const log = tickwork.log('reconciler');
  expect(log.match(/"Supabase is left alone[^"]*"/g)).toHaveLength(1);
  expect(log.match(/"Supabase answers again"/g)).toHaveLength(1);
});
