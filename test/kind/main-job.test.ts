import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { createPods } from './pods.ts';
import { chart } from './release.ts';
import { createUser } from './user.ts';

const space = useNamespace('main-job');
let installation: Awaited<ReturnType<typeof createInstallation>>;
let access: Awaited<ReturnType<typeof installation.access>>;
let pods: ReturnType<typeof createPods>;
let user: Awaited<ReturnType<typeof createUser>>;

beforeAll(async () => {
  const { cluster, namespace } = space;
  installation = await createInstallation(cluster, namespace);
  await installation.release.apply(installation.values());
  pods = createPods(cluster, namespace);
  access = await installation.access();
  user = await createUser(access);
});
afterAll(() => access?.close());

test('helm install --wait ends with every pod ready, and none has restarted', async () => {
  const all = await Promise.all((['gateway', 'reconciler', 'worker'] as const).map(pods.list));
  expect(all.map((some) => some.length)).toEqual([2, 2, 1]);
  const restarts = all.flat().map(({ status }) => status?.containerStatuses?.[0]?.restartCount);
  expect(new Set(restarts)).toEqual(new Set([0]));
});

test('helm test passes', async () => {
  expect(await installation.release.test()).toContain('Succeeded');
});

test('a task goes from submit to result by REST', async () => {
  const { correlation_id } = await user.submit('One. Two. Three.');
  await user.untilRead(correlation_id, 'completed');
  const task = await user.read(correlation_id);
  expect(task.result?.deliverables).toEqual(['1. One.', '2. Two.', '3. Three.']);
});

test('without any reconciler a read brings a task up to date', async () => {
  await pods.scale('reconciler', 0);
  const { correlation_id } = await user.submit('One. Two.');
  await user.untilRead(correlation_id, 'completed');
  expect(await user.rowOf(correlation_id)).toBe('completed');
});

test('without any read the reconciler brings a task up to date', async () => {
  await pods.scale('reconciler', 2);
  const { correlation_id } = await user.submit('One. Two.');
  await user.untilRow(correlation_id, 'completed');
});

test('alerts and dashboards ask only for metrics that the pods have', async () => {
  const files = globSync(join(chart, 'files/**/*.{yaml,json}'));
  expect(files.length).toBeGreaterThan(2);
  const asked = files.flatMap((file) => readFileSync(file, 'utf8').match(/tickwork_[a-z_]+/g) ?? []);
  const shown = await Promise.all(
    (['gateway', 'reconciler', 'worker'] as const).map(async (component) =>
      pods.metrics(await pods.firstReady(component)),
    ),
  );
  const had = new Set(shown.flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)));
  expect(
    asked.map((name) => name.replace(/_(bucket|count|sum)$/, '')).filter((name) => !had.has(name)),
  ).toEqual([]);
});
