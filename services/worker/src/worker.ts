import { randomUUID } from 'node:crypto';
import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { createClock } from '@tickwork/runtime/process/clock';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { createConsumer } from '@tickwork/runtime/rabbitmq/consumer';
import { createRedisClient, watchRedis } from '@tickwork/runtime/redis/client';
import { subscribeToSettled } from '@tickwork/runtime/redis/hint-subscription';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createWorkerPresence } from '@tickwork/runtime/redis/worker-presence';
import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import { timeCalls } from '@tickwork/runtime/telemetry/dependency-calls';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import manifest from '../package.json' with { type: 'json' };
import { loadAgent } from './agents/load.ts';
import { keepAnnounced } from './announce.ts';
import { loadWorkerConfig } from './config.ts';
import { createConsume } from './consume.ts';
import { logWorker } from './log.ts';
import { reportOperations } from './operations.ts';
import { createRunTask } from './run-task.ts';
import { createRunning } from './running.ts';
import { traceWorker } from './traces.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

runProcess('worker', async ({ env, logger, shutdown, fatal }) => {
  const config = loadWorkerConfig(env);
  const keyPrefix = config.REDIS_KEY_PREFIX ?? '';
  const clock = createClock();
  const agent = await loadAgent(config.AGENT, { env, log: logger, folder: process.cwd() });
  const tracing = await startTracing({ serviceName: 'tickwork-worker', env });
  const { registry, events, calls, watchConnections } = createWorkerMetrics();
  logWorker(events, logger);
  traceWorker(events);

  const redis = createRedisClient({
    url: config.REDIS_URL,
    connectionName: 'tickwork-worker',
    commandTimeoutMs: 5000,
    onError: createConnectionLog(logger, 'Redis'),
  });
  watchRedis(redis, { onAdvice: (advice) => logger.warn(advice), onUnsupported: fatal });
  const storage = new RedisTaskStorage(redis, {
    keyPrefix,
    claimMs: config.CLAIM_MS,
    maxAttempts: config.MAX_ATTEMPTS,
  });

  const reports = timeCalls(storage, {
    dependency: 'redis',
    operations: reportOperations,
    events: calls,
    clock,
  });

  const running = createRunning();
  const settled = subscribeToSettled(redis, keyPrefix, running.check);
  const self = { id: randomUUID(), version: manifest.version };
  const announced = keepAnnounced(createWorkerPresence(redis, keyPrefix), self, {
    clock,
    signal: shutdown.signal,
  });

  const end = new AbortController();
  const runTask = createRunTask({
    reports,
    agent,
    events,
    logger,
    clock,
    running,
    claimMs: config.CLAIM_MS,
    stopPatienceMs: 5000,
    taskTimeoutMs: config.TASK_TIMEOUT_MS,
    tickTimeoutMs: config.TICK_TIMEOUT_MS,
    resultLimitBytes: config.RESULT_LIMIT_BYTES,
    shutdown: shutdown.signal,
    end: end.signal,
    queue: config.RABBITMQ_QUEUE,
  });
  const { onMessage, idle } = createConsume({
    runTask,
    events,
    shutdown: shutdown.signal,
  });
  const consumer = createConsumer({
    url: config.RABBITMQ_URL,
    queue: config.RABBITMQ_QUEUE,
    prefetch: config.CONCURRENCY,
    connectionName: 'tickwork-worker',
    onMessage,
    onError: createConnectionLog(logger, 'RabbitMQ'),
    onUnsupported: fatal,
  });
  watchConnections({ redis: () => redis.status === 'ready', rabbitmq: consumer.isConnected });

  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    registry,
    isLive: consumer.isLive,
    isReady: () => !shutdown.signal.aborted,
  });

  // At once, not after the drain delay: agents are told to stop at once too, and a task claimed now would only come back.
  shutdown.signal.addEventListener('abort', () => void consumer.stop(), { once: true });
  // 5 s for an agent to stop, and twice Redis' command timeout.
  shutdown.phase('hand back', 15_000, idle);
  shutdown.phase('close', 5000, async () => {
    end.abort();
    await consumer.close();
    await announced;
    settled.close();
    redis.disconnect();
    await admin.close();
    await tracing.shutdown();
  });
  logger.info({ agent: config.AGENT, concurrency: config.CONCURRENCY }, 'the worker is up');
});
