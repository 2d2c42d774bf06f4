import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { missingPrograms } from './command.ts';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { createPods } from './pods.ts';
import { createUser } from './user.ts';

const leaseMs = 15_000;
const space = useNamespace('failures');
let access: Awaited<ReturnType<Awaited<ReturnType<typeof createInstallation>>['access']>>;
let pods: ReturnType<typeof createPods>;
let user: Awaited<ReturnType<typeof createUser>>;

beforeAll(async () => {
  const { cluster, namespace } = space;
  // The other files install with `helm`; where a Helm 3 is there beside it, this one does with that.
  const helm = (await missingPrograms(['helm3'])).length === 0 ? 'helm3' : 'helm';
  const installation = await createInstallation(cluster, namespace, helm);
  await installation.release.apply(
    installation.values({ worker: { replicas: 2 }, gateway: { writesPerMinute: 6000 } }),
  );
  pods = createPods(cluster, namespace);
  access = await installation.access();
  user = await createUser(access);
});
afterAll(() => access?.close());

/** Seconds until another than `earlier` leads. */
async function untilAnotherLeads(earlier: string): Promise<number> {
  const begun = performance.now();
  await waitFor(
    'another leader',
    async () => {
      const leader = await pods.leader();
      return leader !== null && leader !== earlier;
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  return performance.now() - begun;
}

const someLeader = () => waitFor('a leader', () => pods.leader(), { timeoutMs: 60_000 });

test('the leader is killed: the standby leads once the Lease has run out, and goes on with the work', async () => {
  const leader = await someLeader();
  await pods.kill(leader);
  expect(await untilAnotherLeads(leader)).toBeLessThan(leaseMs + 4000);
  const { correlation_id } = await user.submit('One. Two.');
  await user.untilRow(correlation_id, 'completed');
});

test('the leader is stopped: it hands the Lease over', async () => {
  await pods.scale('reconciler', 2);
  const leader = await someLeader();
  await pods.stop(leader);
  expect(await untilAnotherLeads(leader)).toBeLessThan(4000);
});

test('a worker pod is killed mid-task: another one ends the task', async () => {
  const tasks = await Promise.all([1, 2, 3].map(() => user.submit('wait 10s: One. Two. Three. Four.')));
  await Promise.all(tasks.map(({ correlation_id }) => user.untilRead(correlation_id, 'in_progress')));
  await pods.kill(await pods.firstReady('worker'));
  await Promise.all(tasks.map(({ correlation_id }) => user.untilRow(correlation_id, 'completed')));
});

test('the gateway is rolled while tasks run and come in: each is taken, and ends', async () => {
  const rolled = pods.restart('gateway').then(() => true);
  const taken: string[] = [];
  while (!(await Promise.race([rolled, Promise.resolve(false)])) || taken.length < 5) {
    const { correlation_id } = await user.submit('One. Two.');
    taken.push(correlation_id);
    // One after the other: how long a rollout takes must not decide how many tasks there are.
    await user.untilRow(correlation_id, 'accepted', 'started', 'in_progress', 'completed');
  }
  await Promise.all(taken.map((id) => user.untilRow(id, 'completed')));
});
