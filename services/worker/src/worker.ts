import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { createClock } from '@tickwork/runtime/process/clock';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { createConsumer } from '@tickwork/runtime/rabbitmq/consumer';
import { createRedisClient, watchRedis } from '@tickwork/runtime/redis/client';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import { loadAgent } from './agents/load.ts';
import { loadWorkerConfig } from './config.ts';
import { createConsume } from './consume.ts';
import { createWorkerEvents } from './events.ts';
import { logWorker } from './log.ts';
import { measureWorker } from './metrics.ts';
import { createRunTask } from './run-task.ts';
import { timeReports } from './timed-reports.ts';

runProcess('worker', async ({ env, logger, shutdown, fatal }) => {
  const config = loadWorkerConfig(env);
  const agent = loadAgent(config.AGENT, { tickMs: config.DEMO_TICK_MS });
  const tracing = startTracing({ serviceName: 'tickwork-worker', env });
  const registry = createRegistry();
  const events = createWorkerEvents();
  measureWorker(events, registry);
  logWorker(events, logger);

  const redis = createRedisClient({
    url: config.REDIS_URL,
    connectionName: 'tickwork-worker',
    commandTimeoutMs: 5000,
    onError: createConnectionLog(logger, 'Redis'),
  });
  watchRedis(redis, { onAdvice: (advice) => logger.warn(advice), onUnsupported: fatal });
  const storage = new RedisTaskStorage(redis, {
    keyPrefix: config.REDIS_KEY_PREFIX ?? '',
    claimMs: config.CLAIM_MS,
    maxAttempts: config.MAX_ATTEMPTS,
  });

  const reports = timeReports(storage, (operation, seconds) =>
    events.emit('redis_answered', { operation, seconds }),
  );

  const end = new AbortController();
  const runTask = createRunTask({
    reports,
    agent,
    events,
    logger,
    clock: createClock(),
    claimMs: config.CLAIM_MS,
    claimPatienceMs: 20_000,
    stopPatienceMs: 5000,
    shutdown: shutdown.signal,
    end: end.signal,
  });
  const { onMessage, idle } = createConsume({
    runTask,
    events,
    concurrency: config.CONCURRENCY,
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
    redis.disconnect();
    await admin.close();
    await tracing.shutdown();
  });
  logger.info({ agent: config.AGENT, concurrency: config.CONCURRENCY }, 'the worker is up');
});
