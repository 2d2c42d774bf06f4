import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { createClock } from '@tickwork/runtime/process/clock';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { createPublisher } from '@tickwork/runtime/rabbitmq/publisher';
import { countUnfinished } from '@tickwork/runtime/redis/backlog';
import { createRedisClient, watchRedis } from '@tickwork/runtime/redis/client';
import { subscribeToChanges } from '@tickwork/runtime/redis/hint-subscription';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createWorkerPresence } from '@tickwork/runtime/redis/worker-presence';
import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import { timeCalls } from '@tickwork/runtime/telemetry/dependency-calls';
import { withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import { v7 as uuidv7 } from 'uuid';
import manifest from '../package.json' with { type: 'json' };
import { createApiMetrics } from './api-metrics.ts';
import { loadApiConfig } from './config.ts';
import { logGateway } from './events.ts';
import { buildApp } from './http/app.ts';
import { createAuthenticate, probeAuth, type User } from './http/authenticate.ts';
import { parseOrigins } from './http/origins.ts';
import { keepHeapLean } from './lean-heap.ts';
import { queueOperations, recordOperations, userOperations } from './operations.ts';
import { createSupabaseClient } from './supabase/client.ts';
import { callOutcomeOf } from './supabase/errors.ts';
import { checkSchema } from './supabase/schema-version.ts';
import { probeTasks, SupabaseTaskStorage } from './supabase/supabase-task-storage.ts';
import { createCancelTask } from './tasks/cancel-task.ts';
import { createCheckHealth } from './tasks/check-health.ts';
import { createDeleteTask } from './tasks/delete-task.ts';
import { createReadTask } from './tasks/read-task.ts';
import { createRetryTask } from './tasks/retry-task.ts';
import { createSettle } from './tasks/settle.ts';
import { createSubmitTask } from './tasks/submit-task.ts';
import { createSystemInfo } from './tasks/system-info.ts';
import { createAwaitNews } from './tasks/watch/await-news.ts';
import { createWatchHub } from './tasks/watch/hub.ts';
import { createWatchTask } from './tasks/watch/watch-task.ts';

runProcess('api', async ({ env, logger, shutdown, fatal }) => {
  const config = loadApiConfig(env);
  const keyPrefix = config.REDIS_KEY_PREFIX ?? '';
  const clock = createClock();
  const tracing = await startTracing({ serviceName: 'tickwork-gateway', env });
  const { registry, events, calls, watchConnections } = createApiMetrics();
  const timed = { events: calls, clock };
  logGateway(events, logger);
  keepHeapLean(events);

  const connectionName = 'tickwork-gateway';
  const redis = createRedisClient({
    url: config.REDIS_URL,
    connectionName,
    commandTimeoutMs: 2000,
    onError: createConnectionLog(logger, 'Redis'),
  });
  watchRedis(redis, { onAdvice: (advice) => logger.warn(advice), onUnsupported: fatal });
  const storage = new RedisTaskStorage(redis, { keyPrefix });
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

  const tasksOf = ({ token }: Pick<User, 'token'>) =>
    timeCalls(new SupabaseTaskStorage(client, () => token, { timeoutMs: config.SUPABASE_TIMEOUT_MS }), {
      dependency: 'supabase',
      operations: userOperations,
      judge: callOutcomeOf,
      ...timed,
    });
  const submitTask = createSubmitTask({
    records,
    queue,
    events,
    clock,
    newCorrelationId: uuidv7,
    settings: {
      dispatchBudgetMs: config.DISPATCH_BUDGET_MS,
      seedLimitMs: config.SEED_LIMIT_MS,
      seedWaitMs: config.SEED_WAIT_MS,
      dispatchWaitMs: config.DISPATCH_WAIT_MS,
    },
  });
  const readTask = createReadTask({ records, events, clock, recordTimeoutMs: 250 });
  const settle = createSettle({ records, clock, limitMs: 500 });
  const readAs = (user: User, id: string, signal: AbortSignal) =>
    readTask(tasksOf(user), user.id, id, signal);
  const hub = createWatchHub({
    // For all who watch, so in a trace of its own: that of one of them may be long over.
    read: (user, id, signal) =>
      withSpan('refresh watched task', { root: true }, () => readAs(user, id, signal)),
    events,
    clock,
    settings: {
      rereadMs: config.WATCH_REREAD_MS,
      tickMs: 250,
      spreadMs: 5000,
      mostRefreshes: 32,
      mostWatchers: config.MAX_WATCHERS,
      mostWatchersPerUser: config.MAX_WATCHERS_PER_USER,
    },
  });
  const watchTask = createWatchTask({ hub, read: readAs });
  const keeping = new AbortController();
  hub.run(keeping.signal).catch(fatal);
  const changes = subscribeToChanges(redis, keyPrefix, (id) => (id ? hub.hint(id) : hub.wakeAll()));

  const app = buildApp({
    authenticate: createAuthenticate({
      supabaseUrl: config.SUPABASE_URL,
      issuer: config.SUPABASE_JWT_ISSUER,
      secret: config.SUPABASE_JWT_SECRET,
      allowAnonymous: config.ALLOW_ANONYMOUS_USERS,
    }),
    tasksOf,
    submitTask,
    readTask,
    cancelTask: createCancelTask({ readTask, settle, events }),
    deleteTask: createDeleteTask({ settle, events }),
    retryTask: createRetryTask({ readTask, submitTask }),
    awaitNews: createAwaitNews({ watchTask, clock }),
    watchTask,
    checkHealth: createCheckHealth({
      timeoutMs: 2000,
      probes: {
        supabase: (signal) =>
          Promise.all([
            probeAuth(config.SUPABASE_URL, signal),
            probeTasks(client, signal),
            checkSchema({ client, signal }),
          ]),
        redis: () => redis.ping(),
        rabbitmq: async () => queue.isReady() || Promise.reject(new Error('not connected')),
      },
      backlog: {
        ready: queue.countReady,
        unfinished: () => countUnfinished(redis, keyPrefix),
        deadLetters: queue.countDead,
      },
    }),
    systemInfo: createSystemInfo({
      presence: createWorkerPresence(redis, keyPrefix),
      clock,
      gatewayVersion: manifest.version,
      sourceUrl: config.SOURCE_URL ?? '',
    }),
    events,
    clock,
    origins: parseOrigins(config.CORS_ORIGINS ?? ''),
    writesPerMinute: config.WRITES_PER_MINUTE,
    requestTimeoutMs: 30_000,
  });
  await app.listen({ host: config.HOST, port: config.PORT });
  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    registry,
    isLive: () => true,
    isReady: () => !shutdown.signal.aborted,
  });

  // Those who watch are told to come back, to another process; else their answers would never end.
  shutdown.phase('watchers', 1000, async () => hub.close());
  // A submit that is under way is carried through.
  shutdown.phase('requests', config.SUPABASE_TIMEOUT_MS + 5000, () => app.close());
  shutdown.phase('close', 5000, async () => {
    keeping.abort();
    changes.close();
    await queue.close();
    redis.disconnect();
    await admin.close();
    await tracing.shutdown();
  });
  logger.info({ port: config.PORT }, 'the API is up');
});
