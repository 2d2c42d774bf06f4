import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EventStream, openEvents } from '../stack/event-streams.ts';
import { query } from '../stack/postgres.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

// A slice in make test; make watchers has all 5,000.
const watchers = Number(process.env['WATCHERS'] ?? 500);
const users = 5;
const tasksPerUser = 100;
const streamsPerTask = watchers / users / tasksPerUser;
const rereadMs = 10_000;
/** 200 for 5,000, of which the process itself needs 150. */
const mostMib = 150 + watchers / 100;

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
beforeAll(async () => {
  tickwork = await startTickwork({
    services: ['api'],
    extraEnv: {
      api: { MAX_WATCHERS_PER_USER: '1000', WATCH_REREAD_MS: String(rereadMs), LOG_LEVEL: 'warn' },
    },
  });
});
afterAll(() => tickwork.close());

async function measured(name: string): Promise<number> {
  const line = (await tickwork.metrics('api')).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}
const residentBytes = () => measured('process_resident_memory_bytes');
const streaming = () => measured('tickwork_watchers{kind="stream"}');

/** Users with tasks that nothing happens to. */
async function createIdleTasks() {
  const watched: { token: string; ids: string[] }[] = [];
  for (let count = 0; count < users; count += 1) {
    const { supabase, token } = await signIn(tickwork);
    const { data } = await supabase.auth.getUser(token);
    const { rows } = await query(
      tickwork.project.superuserUrl,
      `insert into public.tasks (correlation_id, user_id, mandate)
       select gen_random_uuid(), '${data.user?.id}', repeat('x', 2000) from generate_series(1, ${tasksPerUser})
       returning correlation_id`,
    );
    watched.push({ token, ids: rows.map((row: { correlation_id: string }) => row.correlation_id) });
  }
  return watched;
}

test(`${watchers} idle watchers stay under ${mostMib} MiB, each sees a change, and whoever goes is freed at once`, async () => {
  const tasks = await createIdleTasks();
  const waiting = tasks.flatMap(({ token, ids }) =>
    ids.flatMap((id) =>
      Array.from({ length: streamsPerTask }, () => ({ url: `${tickwork.url}/tasks/${id}/events`, token })),
    ),
  );
  const streams: EventStream[] = [];
  const open = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) streams.push(await openEvents(next));
  };
  await Promise.all(Array.from({ length: 40 }, open));
  expect(await streaming()).toBe(watchers);

  let most = 0;
  const refreshes = () => measured('tickwork_watch_refreshes_total{outcome="same"}');
  const atStart = await refreshes();
  await waitFor(
    'every task to be read twice more',
    async () => {
      most = Math.max(most, await residentBytes());
      return (await refreshes()) - atStart >= 2 * users * tasksPerUser;
    },
    { everyMs: 500, timeoutMs: 90_000 },
  );
  expect(most / 2 ** 20).toBeLessThan(mostMib);
  expect(streams.every(({ events }) => events.length === 1 && events[0]?.event === 'task')).toBe(true);

  await query(tickwork.project.superuserUrl, `update public.tasks set status = 'cancelled'`);
  await waitFor('all streams to end', () => streams.every(({ state }) => state.ended));
  expect(streams.every(({ events }) => events.at(-1)?.event === 'end')).toBe(true);
  await waitFor('all places to be free', async () => (await streaming()) === 0);
}, 240_000);
