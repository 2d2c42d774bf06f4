import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import amqplib from 'amqplib';
import { Redis } from 'ioredis';
import { ruleGroups } from '../../observability/rules.ts';
import { startApiServer } from '../../services/gateway/src/kubernetes/api-server.harness.ts';
import { recordSupabase } from '../acceptance/recorded-supabase.ts';
import { createTokens } from '../front/tokens.ts';
import { closeLater } from '../stack/close-later.ts';
import { createProject } from '../stack/fixture.ts';
import { freePort } from '../stack/ports.ts';
import { query } from '../stack/postgres.ts';
import { startPrometheus } from '../stack/prometheus.ts';
import { createRabbit } from '../stack/rabbitmq.ts';
import { stackFolder, stop } from '../stack/state.ts';
import { type Instance, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createPrometheusClient } from './prometheus-client.ts';
import { scaleGroups } from './scaled-rules.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
export const reconcilers = ['reconciler', 'other_reconciler'] as const;
export const workers = ['worker', 'other_worker'] as const;
const instances: readonly Instance[] = ['api', ...reconcilers, ...workers];

/** So short that a standby leads within the scaled time after which nobody who leads is an alert. */
const lease = {
  LEASE_NAME: 'reconciler',
  LEASE_NAMESPACE: 'apps',
  LEASE_DURATION_MS: '2000',
  RENEW_DEADLINE_MS: '1600',
  RETRY_PERIOD_MS: '200',
};
/** The pass that comes each 45 s, as often as the others: a pass that rests for so long is an alert in scaled time. */
const quiet = { QUIET_INTERVAL_MS: '1000', QUIET_AGE_MS: '1000' };

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

/**
 * All that an installation has, two reconcilers and two workers among it, and a Prometheus that scrapes it each second. The stack closes
 * it, also what there is of it where this fails.
 */
export async function startInstallation(stack: AsyncDisposableStack) {
  const keep = <Thing extends { close: () => unknown }>(starting: Promise<Thing>) =>
    closeLater(stack, starting);
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-observability-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [rabbit, project, api] = await Promise.all([
    keep(createRabbit()),
    keep(createProject()),
    keep(startApiServer()),
  ]);
  const limits = 'daily_tick_limit = 1000000, active_task_limit = 1000000';
  await query(project.databaseUrl, `update internal.settings set ${limits}`);
  const [supabase, reconcilersSupabase] = await Promise.all([
    keep(recordSupabase(project.url)),
    keep(recordSupabase(project.url)),
  ]);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, api.kubeconfig);
  const journal = join(folder, 'journal');
  writeFileSync(journal, '');
  const reconciler = (name: string) => ({
    ...reconcilersSupabase.env,
    ...lease,
    ...quiet,
    KUBECONFIG: kubeconfig,
    POD_NAME: name,
  });
  const worker = {
    AGENT: join(root, 'test/agents/scripted-agent.ts'),
    JOURNAL: journal,
    STEP_MS: '50',
    TICK_TIMEOUT_MS: '3000',
    CONCURRENCY: '20',
  };
  const extraEnv = {
    api: { ...supabase.env, WRITES_PER_MINUTE: '100000' },
    reconciler: reconciler('reconciler'),
    other_reconciler: reconciler('other_reconciler'),
    worker,
    other_worker: worker,
  };
  const tickwork = await keep(startTickwork({ rabbit, project, services: instances, extraEnv }));
  await waitFor('a leader', () => api.lease?.spec['holderIdentity']);
  const target = (pod: Instance) => ({ port: tickwork.adminPorts[pod], labels: { namespace: 'apps', pod } });
  const server = await startPrometheus({
    folder,
    port: await freePort(),
    targets: instances.map(target),
    rules: scaleGroups(ruleGroups()),
    scrapeInterval: '1s',
  });
  stack.defer(async () => void (await stop(server)));
  const prometheus = createPrometheusClient(server.address);
  // It evaluates the rules for some seconds before it scrapes.
  await waitFor('a scrape of each process, and no alert', async () => {
    const up = await prometheus.query('up == 1');
    return up.length === instances.length && (await prometheus.alerts()).length === 0;
  });
  const tokens = createTokens(project.signingKey, `${project.url}/auth/v1`);

  return {
    tickwork,
    rabbit,
    prometheus,
    /** The API server of Kubernetes. */
    api,
    reconcilersSupabase,
    setSupabaseAway: (away: boolean) => {
      supabase.setAway(away);
      reconcilersSupabase.setAway(away);
    },
    /** A lifetime of jose's. */
    setReconcilersToken: async (lifetime: string) =>
      writeFileSync(tickwork.tokenFile, await tokens.reconciler(lifetime)),
    publishUnreadable: async () => {
      const connection = await amqplib.connect(rabbit.url, { timeout: 5000 });
      const channel = await connection.createConfirmChannel();
      channel.sendToQueue(tickwork.queue, Buffer.from('{"mandate":'));
      await channel.waitForConfirms();
      await connection.close();
    },
    /** What its next report carries, as of a Redis whose clock was wrong once. */
    setStampAhead: async (id: string) => {
      const redis = new Redis(tickwork.redis.url);
      await redis.hset(`task:${id}`, 'updated_at', (Date.now() + 2 * 86_400_000) * 1000);
      redis.disconnect();
    },
    dropDeadLetters: async () => {
      const env = { RABBITMQ_URL: rabbit.url, RABBITMQ_QUEUE: tickwork.queue, ACTION: 'drop', ALL: '1' };
      const program = join(root, 'services/gateway/src/dead-letters.ts');
      await run(process.execPath, [program], { env: { ...process.env, ...env }, timeout: 30_000 });
    },
  };
}
