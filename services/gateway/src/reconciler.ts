import { hostname } from 'node:os';
import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { createClock } from '@tickwork/runtime/process/clock';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { createPublisher } from '@tickwork/runtime/rabbitmq/publisher';
import { countAhead, countUnfinished } from '@tickwork/runtime/redis/backlog';
import { createRedisClient, watchRedis } from '@tickwork/runtime/redis/client';
import { subscribeToHints } from '@tickwork/runtime/redis/hint-subscription';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import { timeCalls } from '@tickwork/runtime/telemetry/dependency-calls';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import { logLeader } from './kubernetes/events.ts';
import { type Leadership, runLeaderElection } from './kubernetes/leader.ts';
import { queueOperations, reconcilerOperations, recordOperations } from './operations.ts';
import { createApply } from './reconcile/apply.ts';
import { createCountBacklog } from './reconcile/backlog.ts';
import { createCircuit, protectTasks, supabaseCircuitLimits } from './reconcile/circuit.ts';
import { loadReconcilerConfig } from './reconcile/config.ts';
import { protocolLimits } from './reconcile/decide.ts';
import { logReconciler } from './reconcile/log.ts';
import { Wake } from './reconcile/loop.ts';
import { createPasses } from './reconcile/passes.ts';
import { createReconcile } from './reconcile/reconcile.ts';
import { runPasses } from './reconcile/run-passes.ts';
import { runWatches } from './reconcile/watches.ts';
import { createReconcilerMetrics } from './reconciler-metrics.ts';
import { createSupabaseClient } from './supabase/client.ts';
import { callOutcomeOf, isContentFault, verdictOf } from './supabase/errors.ts';
import { checkSchema } from './supabase/schema-version.ts';
import { SupabaseTaskStorage } from './supabase/supabase-task-storage.ts';
import { createTokenFile, expiryOf } from './supabase/token-file.ts';

runProcess('reconciler', async ({ env, logger, shutdown, fatal }) => {
  const config = loadReconcilerConfig(env);
  const clock = createClock();
  const tracing = await startTracing({ serviceName: 'tickwork-reconciler', env });
  const { registry, events, leaderEvents, calls, watchConnections } = createReconcilerMetrics();
  const timed = { events: calls, clock };
  logReconciler(events, logger);
  logLeader(leaderEvents, logger);

  const keyPrefix = config.REDIS_KEY_PREFIX ?? '';
  const connectionName = 'tickwork-reconciler';
  const redis = createRedisClient({
    url: config.REDIS_URL,
    connectionName,
    commandTimeoutMs: 5000,
    onError: createConnectionLog(logger, 'Redis'),
  });
  watchRedis(redis, { onAdvice: (advice) => logger.warn(advice), onUnsupported: fatal });
  const storage = new RedisTaskStorage(redis, {
    keyPrefix,
    claimMs: config.CLAIM_MS,
    maxAttempts: config.MAX_ATTEMPTS,
    dispatchWaitMs: config.DISPATCH_WAIT_MS,
  });
  const records = timeCalls(storage, { dependency: 'redis', operations: recordOperations, ...timed });
  const publisher = createPublisher({
    url: config.RABBITMQ_URL,
    queue: config.RABBITMQ_QUEUE,
    connectionName,
    clock,
    onError: createConnectionLog(logger, 'RabbitMQ'),
    onUnsupported: fatal,
  });
  const queue = timeCalls(publisher, { dependency: 'rabbitmq', operations: queueOperations, ...timed });
  watchConnections({ redis: () => redis.status === 'ready', rabbitmq: publisher.isReady });
  const client = createSupabaseClient({ url: config.SUPABASE_URL, anonKey: config.SUPABASE_ANON_KEY });
  const readToken = createTokenFile(config.SUPABASE_RECONCILER_TOKEN_FILE);
  const timeoutMs = config.SUPABASE_TIMEOUT_MS;
  const circuit = createCircuit({
    clock,
    limits: supabaseCircuitLimits,
    judge: verdictOf,
    onChange: (state, cause) => events.emit('circuit_changed', { state, cause }),
  });
  const rows = timeCalls(new SupabaseTaskStorage(client, readToken, { timeoutMs }), {
    dependency: 'supabase',
    operations: reconcilerOperations,
    judge: callOutcomeOf,
    ...timed,
  });
  const tasks = protectTasks(rows, circuit);

  const settings = { claimMs: config.CLAIM_MS, publishTimeoutMs: 5000, publishRetryMs: 2000 };
  const apply = createApply({ records, queue, events, clock, settings });
  const reconcile = createReconcile({
    tasks,
    queue,
    apply,
    events,
    clock,
    isContentFault,
    limits: protocolLimits,
  });
  const limits = {
    hintsPerPass: 500,
    rowsPerPage: 500,
    repairMinAgeMs: config.REPAIR_MIN_AGE_MS,
    quietAgeMs: config.QUIET_AGE_MS,
    scan: { share: 0.3, longestPauseMs: 500, mostRestarts: 2 },
  };
  const passes = createPasses({ tasks, records, reconcile, events, clock, limits });

  const wake = new Wake(clock);
  const hints = subscribeToHints(redis, keyPrefix, () => wake.wake());
  const intervalsMs = {
    hints: config.HINT_INTERVAL_MS,
    scan: config.SCAN_INTERVAL_MS,
    quiet: config.QUIET_INTERVAL_MS,
    repair: config.REPAIR_INTERVAL_MS,
  };
  const work = (leadership: Leadership) =>
    runPasses({ passes, intervalsMs, wake, events, clock, ...leadership });

  async function workAlone(): Promise<void> {
    leaderEvents.emit('started_leading', { reason: 'no_lease' });
    await work({ signal: shutdown.signal, isLeader: () => true });
  }

  async function workWhileLeading(leaseName: string): Promise<void> {
    // Not imported above: the client costs half a second and 80 MB, also where there is no Lease.
    const { createClusterLeaseApi } = await import('./kubernetes/cluster.ts');
    await runLeaderElection({
      api: createClusterLeaseApi(env, {
        name: leaseName,
        namespace: config.LEASE_NAMESPACE,
        kubeconfig: config.KUBECONFIG,
      }),
      settings: {
        identity: config.POD_NAME ?? hostname(),
        durationMs: config.LEASE_DURATION_MS,
        renewDeadlineMs: config.RENEW_DEADLINE_MS,
        retryPeriodMs: config.RETRY_PERIOD_MS,
      },
      clock,
      events: leaderEvents,
      onStartedLeading: (leadership) => work(leadership).catch(fatal),
      signal: shutdown.signal,
    });
  }

  const working = config.LEASE_NAME ? workWhileLeading(config.LEASE_NAME) : workAlone();
  working.catch(fatal);

  runWatches({
    readTokenExpiry: async () => expiryOf(await readToken()),
    checkSchema: async (signal) =>
      checkSchema({
        client,
        accessToken: await readToken(),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      }),
    countBacklog: createCountBacklog({
      counts: {
        ready: queue.countReady,
        dead: queue.countDead,
        unfinished: () => countUnfinished(redis, keyPrefix),
        ahead: () => countAhead(redis, keyPrefix),
      },
      clock,
      limitMs: 2000,
    }),
    intervalsMs: { token: 5000, schema: 60_000, backlog: 5000 },
    events,
    clock,
    signal: shutdown.signal,
  }).catch(fatal);

  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    registry,
    isLive: () => true,
    isReady: () => !shutdown.signal.aborted,
  });
  shutdown.phase('passes', 10_000, () => working);
  shutdown.phase('close', 5000, async () => {
    hints.close();
    await queue.close();
    redis.disconnect();
    await admin.close();
    await tracing.shutdown();
  });
  logger.info('the reconciler is up');
});
