import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { createPods } from './pods.ts';
import type { Values } from './release.ts';
import { createUser } from './user.ts';

const space = useNamespace('releases');
let installation: Awaited<ReturnType<typeof createInstallation>>;
let access: Awaited<ReturnType<typeof installation.access>>;
let pods: ReturnType<typeof createPods>;
let user: Awaited<ReturnType<typeof createUser>>;

const applySecret = (name: string, stringData: Readonly<Record<string, string>>) =>
  space.cluster.kubectl(['--namespace', space.namespace, 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }),
  });
const removeSchema = `drop table public.tasks cascade; notify pgrst, 'reload schema'`;
const here = (...args: string[]) => space.cluster.kubectl(['--namespace', space.namespace, ...args]);
const environmentOf = async (component: 'gateway' | 'worker') =>
  pods.exec(await pods.firstReady(component), ['env']);
/** The reconciler's token by a Secret of the user's own, as it is rotated there. */
const withOwnToken = (more: Values = {}) => {
  const values = installation.values(more) as { supabase: Values };
  return { ...values, supabase: { ...values.supabase, reconcilerToken: { existingSecret: 'own-token' } } };
};

beforeAll(async () => {
  installation = await createInstallation(space.cluster, space.namespace);
  pods = createPods(space.cluster, space.namespace);
  await applySecret('own-token', { token: 'not.a.token' });
  await installation.release.apply(withOwnToken());
  access = await installation.access();
  user = await createUser(access);
});
afterAll(() => access?.close());

test("the reconciler's token is rotated: it is read again, and no pod restarts", async () => {
  const before = await pods.names('reconciler');
  const { correlation_id } = await user.submit('One.');
  await applySecret('own-token', { token: await installation.dependencies.tokens.reconciler() });
  await waitFor('the row to be synced', async () => (await user.rowOf(correlation_id)) === 'completed', {
    timeoutMs: 150_000,
    everyMs: 500,
  });
  expect(await pods.names('reconciler')).toEqual(before);
});

test('an upgrade with changed values rolls the pods that they concern', async () => {
  const [gateways, workers] = [await pods.names('gateway'), await pods.names('worker')];
  await installation.release.apply(withOwnToken({ worker: { concurrency: 7 } }));
  expect(await environmentOf('worker')).toContain('CONCURRENCY=7');
  expect(await pods.names('worker')).not.toEqual(workers);
  expect(await pods.names('gateway')).toEqual(gateways);
});

test('a rollback brings the earlier values back', async () => {
  await installation.release.rollback();
  await waitFor('the earlier value', async () => (await environmentOf('worker')).includes('CONCURRENCY=4'));
});

test('a rotated Secret of the chart rolls the pods that use it', async () => {
  const before = await pods.names('gateway');
  const anonKey = await installation.dependencies.tokens.anon();
  await installation.release.apply(withOwnToken({ supabase: { anonKey } }));
  expect((await environmentOf('gateway')).includes(`SUPABASE_ANON_KEY=${anonKey}`)).toBe(true);
  expect(await pods.names('gateway')).not.toEqual(before);
});

test.each([
  [{ gateway: { replicas: 'two' } }, /replicas/],
  [{ gateway: { replica: 2 } }, /replica/],
  [{ supabase: { url: '' } }, /supabase\.url must be set/],
  [{ redis: { existingSecret: 'own' } }, /redis\.existingSecret replaces redis\.url/],
] as const)('values %j are refused, and say why', async (values, words) => {
  await expect(installation.release.apply(withOwnToken(values), [])).rejects.toThrow(words);
});

test('a Secret without its key: the pod says which one is missing', async () => {
  await applySecret('incomplete', { other: 'x' });
  await installation.release.apply(
    withOwnToken({ redis: { url: '', workerExistingSecret: 'incomplete', existingSecret: 'incomplete' } }),
    [],
  );
  const message = await waitFor('the reason', async () =>
    (await pods.list('worker'))
      .map(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message)
      .find(Boolean),
  );
  expect(message).toMatch(/couldn't find key url in Secret .*incomplete/);
});

test('a dependency out of reach: the pod is ready, its log and its health say which one', async () => {
  await installation.release.apply(withOwnToken({ redis: { url: 'redis://nowhere:6379' } }));
  const pod = await pods.firstReady('gateway');
  expect(await here('logs', pod)).toContain('trouble with Redis');
  const health = (await (await user.call('/health')).json()) as { redis: { up: boolean } };
  expect(health.redis.up).toBe(false);
});

test('a wrong value that only the process can see: the pod ends with the variable and the rule', async () => {
  const values = withOwnToken({ worker: { extraEnv: [{ name: 'DEMO_TICK_MS', value: 'fast' }] } });
  await installation.release.apply(values, []);
  await waitFor(
    'the reason in the log',
    async () => {
      const [pod = ''] = await pods.names('worker');
      return (await here('logs', pod)).includes('DEMO_TICK_MS must be');
    },
    { timeoutMs: 60_000 },
  );
});

test('a database without the schema: health says so, and what to do; so does the reconciler in its log', async () => {
  await installation.release.apply(withOwnToken());
  await here(
    'exec',
    'deployment/postgres',
    '--',
    'psql',
    '-U',
    'postgres',
    '-d',
    'postgres',
    '-c',
    removeSchema,
  );
  const words = 'run supabase/schema.sql';
  await waitFor('the reason', async () => (await (await user.call('/health')).text()).includes(words));
  await waitFor('the reason in the log', async () =>
    (await here('logs', '--selector', 'app.kubernetes.io/component=reconciler', '--tail', '50')).includes(
      words,
    ),
  );
});

test('an uninstall leaves nothing behind', async () => {
  await installation.release.uninstall();
  const kinds =
    'all,configmaps,secrets,serviceaccounts,roles,rolebindings,leases,networkpolicies,poddisruptionbudgets';
  const selector = ['--selector', 'app.kubernetes.io/instance=tickwork', '--output', 'name'];
  await waitFor('everything to be gone', async () => (await here('get', kinds, ...selector)) === '', {
    timeoutMs: 90_000,
  });
  expect(await here('get', 'leases', '--output', 'name')).toBe('');
});
