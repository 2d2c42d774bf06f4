import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRunbooks } from '../../observability/runbooks.ts';
import { waitFor } from '../stack/wait-for.ts';
import { root } from './cluster.ts';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { createOperatorKinds, deleteOperatorKinds } from './operators.ts';
import { createPods } from './pods.ts';
import { createRunbookCommands } from './runbook-commands.ts';
import { createUser } from './user.ts';

const space = useNamespace('runbooks');
let folder: string;
let installation: Awaited<ReturnType<typeof createInstallation>>;
let access: Awaited<ReturnType<typeof installation.access>>;
let pods: ReturnType<typeof createPods>;
let user: Awaited<ReturnType<typeof createUser>>;
let commands: ReturnType<typeof createRunbookCommands>;

/** Everything on, also what needs an operator, and a token that has run out. */
beforeAll(async () => {
  const { cluster, namespace } = space;
  folder = mkdtempSync(join(cluster.folder, 'runbooks-'));
  symlinkSync(join(root, 'charts'), join(folder, 'charts'));
  await createOperatorKinds(cluster);
  installation = await createInstallation(cluster, namespace);
  const { tokens, signingKey } = installation.dependencies;
  writeFileSync(join(folder, 'signing-key.json'), JSON.stringify(signingKey));
  writeFileSync(join(folder, 'expired.token'), await tokens.reconciler('1h ago'));
  const file = `--from-file=token=${join(folder, 'expired.token')}`;
  await cluster.kubectl([
    '-n',
    namespace,
    'create',
    'secret',
    'generic',
    'reconciler',
    '--save-config',
    file,
  ]);
  await installation.release.apply(
    installation.values({
      supabase: { reconcilerToken: { value: '', existingSecret: 'reconciler' } },
      worker: { keda: { enabled: true } },
      monitoring: { podMonitor: { enabled: true }, rules: { enabled: true }, dashboards: { enabled: true } },
    }),
  );
  pods = createPods(cluster, namespace);
  access = await installation.access();
  user = await createUser(access);
  commands = createRunbookCommands(cluster, namespace, folder);
});
afterAll(async () => {
  access?.close();
  rmSync(folder, { recursive: true, force: true });
  await deleteOperatorKinds(space.cluster);
});

const shown = (metric: string) => pods.gauge('reconciler', metric);
const untilShown = (
  metric: string,
  is: (values: readonly (number | null)[]) => boolean,
  timeoutMs = 60_000,
) =>
  waitFor(
    `another ${metric}`,
    async () => {
      const values = await shown(metric);
      if (is(values)) return true;
      throw new Error(values.join());
    },
    { timeoutMs, everyMs: 500 },
  );
const are =
  (...wanted: (number | null)[]) =>
  (values: readonly (number | null)[]) =>
    values.toSorted().join() === wanted.join();
/** There is one for each of the two reconcilers. */
const both = (is: (value: number | null) => boolean) => (values: readonly (number | null)[]) =>
  values.length === 2 && values.every(is);
const someLeader = () => waitFor('a leader', () => pods.leader(), { timeoutMs: 60_000 });

const expiry = 'tickwork_reconciler_token_expiry_timestamp_seconds';
const inSeconds = (value: number | null) => (value ?? 0) - Date.now() / 1000;
let notSynced: string;
let reconcilers: string[];

test('TickworkTokenExpiresNow: a token that ran out is told, and its Secret replaced', async () => {
  const { correlation_id } = await user.submit('One.');
  await untilShown(
    expiry,
    both((value) => inSeconds(value) < 0),
  );
  await untilShown('tickwork_queue_ready_messages', are(0, 0));
  const told = await waitFor('the log', async () => {
    const lines = await commands.look('TickworkTokenExpiresNow', ' logs ');
    return lines.includes('ran out') && lines.includes('unauthenticated') && lines;
  });
  expect(told).toContain('pass failed');
  notSynced = correlation_id;
  reconcilers = await pods.names('reconciler');
  await commands.mend('TickworkTokenExpiresNow', 'create secret');
  await commands.mend('TickworkTokenExpires', 'create secret');
});

// The Secret is on its way into the pods meanwhile. Many runbooks have the same line.
const answers = new Map<string, Promise<string>>();
test.each(readRunbooks())('$alert: each line of "On a cluster:" answers', async ({ cluster }) => {
  for (const line of cluster) {
    const answer = answers.get(line) ?? commands.run(line);
    answers.set(line, answer);
    await answer;
  }
});

test.each([
  ['TickworkManyRetries', 'describe pod'],
  ['TickworkNoWorkerConsumes', 'describe pod'],
  ['TickworkNoWorkerConsumes', 'describe scaledobject'],
  ['TickworkNobodyReconciles', 'describe pod'],
  ['TickworkNotScraped', 'describe pod'],
  ['TickworkLeaseFails', 'helm -n tickwork list'],
  ['TickworkSyncIsSlow', '--latency'],
])('%s: %s answers', async (alert, words) => {
  await commands.mend(alert, words);
});

test('TickworkDependencyFails: Redis names its long calls', async () => {
  await commands.run('redis-cli config set slowlog-log-slower-than 0');
  expect(await commands.mend('TickworkDependencyFails', 'slowlog get')).toMatch(/\d/);
  await commands.run('redis-cli config set slowlog-log-slower-than 10000');
});

test('TickworkNoWorkerConsumes: with a worker again the queue is emptied', async () => {
  await pods.scale('worker', 0);
  const { correlation_id } = await user.submit('One.');
  await untilShown('tickwork_queue_ready_messages', are(1, 1));
  await commands.mend('TickworkNoWorkerConsumes', ' scale ');
  await untilShown('tickwork_queue_ready_messages', are(0, 0));
  await user.untilRead(correlation_id, 'completed');
});

const publish = `require('amqplib').connect(process.env.RABBITMQ_URL).then(async (connection) => {
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue('tickwork.tasks', Buffer.from('{"mandate":'));
  await channel.waitForConfirms();
  await connection.close();
})`;

test('TickworkDeadLetters: one is told, comes back when it is requeued, and is dropped', async () => {
  await pods.exec(await pods.firstReady('gateway'), ['node', '-e', publish]);
  await untilShown('tickwork_dead_letters', are(1, 1));
  const listed = async () =>
    /sha256:\w+/.exec(await commands.look('TickworkDeadLetters', 'dead-letters.ts'))?.[0];
  const id = (await listed()) ?? '';
  expect(await commands.look('TickworkDeadLetters', ' logs ')).toContain('message dead-lettered');
  expect(await commands.mend('TickworkDeadLetters', 'env ACTION=requeue', id)).toContain('1 requeued');
  await waitFor('it to come back', async () => (await listed()) === id);
  expect(await commands.mend('TickworkDeadLetters', 'env ACTION=drop', id)).toContain('1 dropped');
  await untilShown('tickwork_dead_letters', are(0, 0));
});

test('the new token is read without a restart, and what waited for it is synced', async () => {
  await untilShown(
    expiry,
    both((value) => inSeconds(value) > 80 * 86_400),
    150_000,
  );
  await user.untilRow(notSynced, 'completed');
  expect(await pods.names('reconciler')).toEqual(reconcilers);
});

test('a leader alone shows 1; TickworkPassStopped: when it is ended the other one does', async () => {
  const leader = await someLeader();
  await untilShown('tickwork_reconciler_leader', are(0, 1));
  expect(await pods.metrics(leader)).toContain('\ntickwork_reconciler_leader 1\n');
  await commands.mend('TickworkPassStopped', 'delete pod');
  const next = await waitFor('another leader', async () =>
    [await pods.leader()].find((holder) => holder !== null && holder !== leader),
  );
  await waitFor('its metric', async () =>
    (await pods.metrics(next)).includes('\ntickwork_reconciler_leader 1\n'),
  );
  await untilShown('tickwork_reconciler_leader', are(0, 1));
});

test('TickworkLeaseFails: without the Lease nobody leads, until the upgrade brings it back', async () => {
  await space.cluster.kubectl(['-n', space.namespace, 'delete', 'lease', 'tickwork-reconciler']);
  await untilShown('tickwork_reconciler_leader', are(0, 0));
  expect(await commands.look('TickworkLeaseFails', ' logs ')).toContain('HTTP 403');
  await commands.mend('TickworkLeaseFails', 'helm upgrade');
  await untilShown('tickwork_reconciler_leader', are(0, 1));
});

/** The number of the revision before the present one. */
async function revisionBefore(): Promise<string> {
  const history = await commands.mend('TickworkGatewayFails', 'helm -n tickwork history');
  return [...history.matchAll(/^(\d+).*superseded/gm)].at(-1)?.[1] ?? '';
}

test.each([
  ['TickworkGatewayFails', 'gateway.replicas=4'],
  ['TickworkAgentsLeftBehind', 'rollout restart'],
  ['TickworkGatewayFails', 'helm rollback'],
  ['TickworkRedisAway', 'rollout restart'],
])('%s: after %s all are ready', async (alert, words) => {
  await commands.mend(alert, words, words === 'helm rollback' ? await revisionBefore() : undefined);
  for (const component of ['gateway', 'reconciler', 'worker']) {
    const status = ['rollout', 'status', `deployment/tickwork-${component}`, '--timeout=120s'];
    await space.cluster.kubectl(['-n', space.namespace, ...status]);
  }
});

test('each command that mends something is tried here', () => {
  expect(commands.untried()).toEqual([]);
});
