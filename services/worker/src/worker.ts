import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { createConsumer } from '@tickwork/runtime/rabbitmq/consumer';
import { createRedisClient, watchRedis } from '@tickwork/runtime/redis/client';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import { loadAgent } from './agents/load.ts';
import { loadWorkerConfig } from './config.ts';
import { createConsume } from './consume.ts';
import { createWorkerEvents, logWorker, measureWorker } from './events.ts';
import { createRunTask } from './run-task.ts';

runProcess('worker', async ({ env, logger, shutdown, fatal }) => {
  const config = loadWorkerConfig(env);
  const agent = loadAgent(config.AGENT, { tickMs: config.DEMO_TICK_MS });
  const tracing = startTracing({ serviceName: 'tickwork-worker', env });
  const registry = createRegistry();
  const events = createWorkerEvents();
  measureWorker(events, registry);
  logWorker(events, logger);

  const onError = (err: unknown) => logger.debug({ err }, 'a connection failed');
  const redis = createRedisClient({
    url: config.REDIS_URL,
    connectionName: 'tickwork-worker',
    commandTimeoutMs: 5000,
    onError,
  });
  watchRedis(redis, { onAdvice: (advice) => logger.warn(advice), onUnsupported: fatal });
  const reports = new RedisTaskStorage(redis, {
    keyPrefix: config.REDIS_KEY_PREFIX ?? '',
    claimMs: config.CLAIM_MS,
    maxAttempts: config.MAX_ATTEMPTS,
  });

  const end = new AbortController();
  const runTask = createRunTask({
    reports,
    agent,
    events,
    logger,
    claimMs: config.CLAIM_MS,
    claimPatienceMs: 20_000,
    shutdown: shutdown.signal,
    end: end.signal,
  });
  const { onMessage, idle } = createConsume({ runTask, events });
  const consumer = createConsumer({
    url: config.RABBITMQ_URL,
    queue: config.RABBITMQ_QUEUE,
    prefetch: config.CONCURRENCY,
    connectionName: 'tickwork-worker',
    onMessage,
    onError,
    onUnsupported: fatal,
  });

  const admin = await startAdminServer({
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    registry,
    isLive: () => true,
    isReady: () => !shutdown.signal.aborted,
  });

  shutdown.phase('stop consuming', 2000, () => consumer.stop());
  shutdown.phase('hand back', 10_000, idle);
  shutdown.phase('close', 5000, async () => {
    end.abort();
    await consumer.close();
    redis.disconnect();
    await admin.close();
    await tracing.shutdown();
  });
  logger.info({ agent: config.AGENT, concurrency: config.CONCURRENCY }, 'the worker is up');
});
