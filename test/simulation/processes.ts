import { taskKeys } from '@tickwork/runtime/redis/keys';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { TaskQueue, UserTasks } from '@tickwork/task/ports';
import { pino } from 'pino';
import { createGatewayEvents } from '../../services/gateway/src/events.ts';
import { createApply } from '../../services/gateway/src/reconcile/apply.ts';
import {
  createCircuit,
  protectTasks,
  supabaseCircuitLimits,
} from '../../services/gateway/src/reconcile/circuit.ts';
import { protocolLimits } from '../../services/gateway/src/reconcile/decide.ts';
import { createReconcilerEvents } from '../../services/gateway/src/reconcile/events.ts';
import { Wake } from '../../services/gateway/src/reconcile/loop.ts';
import { createPasses } from '../../services/gateway/src/reconcile/passes.ts';
import { createReconcile } from '../../services/gateway/src/reconcile/reconcile.ts';
import { runPasses } from '../../services/gateway/src/reconcile/run-passes.ts';
import { isContentFault, verdictOf } from '../../services/gateway/src/supabase/errors.ts';
import { createCancelTask } from '../../services/gateway/src/tasks/cancel-task.ts';
import { createDeleteTask } from '../../services/gateway/src/tasks/delete-task.ts';
import { createReadTask } from '../../services/gateway/src/tasks/read-task.ts';
import { createSettle } from '../../services/gateway/src/tasks/settle.ts';
import { createSubmitTask } from '../../services/gateway/src/tasks/submit-task.ts';
import { createConsume } from '../../services/worker/src/consume.ts';
import { createWorkerEvents } from '../../services/worker/src/events.ts';
import { createRunTask } from '../../services/worker/src/run-task.ts';
import { createRunning } from '../../services/worker/src/running.ts';
import { createAgent } from './agent.ts';
import type { MemoryConsumer } from './memory/rabbitmq/consumer.ts';
import type { Mutation } from './mutation.ts';
import type { Network } from './network.ts';
import type { Process } from './process.ts';
import { connectToRedis } from './redis-server.ts';
import { rabbitServer, redisServer, type Servers, supabaseServer } from './servers.ts';
import { settings } from './settings.ts';
import { connectToSupabase } from './supabase-server.ts';
import type { Witness } from './witness/witness.ts';

/** What every process of a schedule runs on. */
export interface Surroundings {
  readonly network: Network;
  readonly servers: Servers;
  readonly witness: Witness;
  readonly mutation: Mutation;
  /** Takes effect after a while, as a message to the process. */
  readonly notify: (process: Process, run: () => void) => void;
}

export interface Running {
  readonly process: Process;
  /** The process is gone, and its connections with it. */
  kill(): void;
}
export interface RunningGateway extends Running {
  readonly submitTask: ReturnType<typeof createSubmitTask>;
  readonly readTask: ReturnType<typeof createReadTask>;
  readonly cancelTask: ReturnType<typeof createCancelTask>;
  readonly deleteTask: ReturnType<typeof createDeleteTask>;
  readonly tasksOf: (userId: string) => UserTasks;
}
export interface RunningWorker extends Running {
  readonly consumer: MemoryConsumer;
  /** As SIGTERM. */
  drain(): void;
}

const logger = pino({ level: 'silent' });

function connect(process: Process, { network, servers, witness, mutation }: Surroundings) {
  const { redis, supabase, queue } = servers;
  const storage = new RedisTaskStorage(
    connectToRedis({ process, network, server: redisServer, redis, witness }),
    { ...settings, now: mutation.claimClock ?? process.clock.now },
  );
  const tasks = connectToSupabase({
    process,
    network,
    server: supabaseServer,
    supabase,
    onTransaction: witness.transaction,
  });
  const publisher: TaskQueue = {
    isReady: () => !network.isAway(rabbitServer),
    publish: (envelope, signal) =>
      network.call(
        { process, server: rabbitServer, step: 'publish' },
        () => queue.publish(envelope, new AbortController().signal),
        signal,
      ),
  };
  return { storage, tasks, publisher };
}

const channels = taskKeys('');

/** What is said while Redis is away is lost. */
function listen(
  process: Process,
  { network, servers, notify }: Surroundings,
  names: readonly string[],
  onMessage: (message: string) => void,
): () => void {
  return servers.redis.subscribe((channel, message) => {
    if (names.includes(channel) && !network.isAway(redisServer)) notify(process, () => onMessage(message));
  });
}

export function startGateway(process: Process, surroundings: Surroundings): RunningGateway {
  const { storage, tasks, publisher } = connect(process, surroundings);
  const events = createGatewayEvents();
  const { clock } = process;
  const { recordTimeoutMs, settleLimitMs: limitMs } = settings;
  const readTask = createReadTask({ records: storage, events, clock, recordTimeoutMs });
  const settle = createSettle({ records: storage, clock, limitMs });
  return {
    process,
    tasksOf: tasks.asUser,
    submitTask: createSubmitTask({
      records: storage,
      queue: publisher,
      events,
      clock,
      newCorrelationId: clock.uuid,
      settings,
    }),
    readTask,
    cancelTask: createCancelTask({ readTask, settle, events }),
    deleteTask: createDeleteTask({ settle, events }),
    kill: process.kill,
  };
}

export function startWorker(process: Process, surroundings: Surroundings): RunningWorker {
  const { servers, witness, mutation } = surroundings;
  const { storage } = connect(process, surroundings);
  const running = createRunning();
  const unsubscribe = listen(process, surroundings, [channels.settled], (message) =>
    running.check(message.split(' ')[0] ?? null),
  );
  const shutdown = new AbortController();
  const end = new AbortController();
  const events = createWorkerEvents();
  const agent = createAgent({
    process,
    onStart: (mandate, resume) => witness.agentStarted(process, mandate, resume),
    onStop: (mandate) => witness.agentStopped(process, mandate),
    killProcess: kill,
  });
  const runTask = createRunTask({
    ...settings,
    reports: mutation.reports?.(storage) ?? storage,
    agent,
    events,
    queue: 'tasks',
    running,
    logger,
    clock: process.clock,
    shutdown: shutdown.signal,
    end: end.signal,
  });
  const { onMessage, idle } = createConsume({
    runTask,
    events,
    shutdown: shutdown.signal,
  });
  const consumer = servers.queue.consume({
    prefetch: settings.concurrency,
    onMessage: (delivery) => process.deliver(() => onMessage(delivery)),
  });

  function kill(): void {
    process.kill();
    unsubscribe();
    void consumer.close();
  }

  async function drain(): Promise<void> {
    await consumer.stop();
    shutdown.abort(new DOMException('shutdown', 'AbortError'));
    await idle();
    end.abort();
    kill();
  }

  return { process, consumer, kill, drain: () => void drain() };
}

export function startReconciler(process: Process, surroundings: Surroundings): Running {
  const { mutation } = surroundings;
  const { storage, tasks: supabase, publisher: queue } = connect(process, surroundings);
  const events = createReconcilerEvents();
  const { clock } = process;
  const asReconciler = supabase.asReconciler();
  const circuit = createCircuit({
    clock,
    limits: supabaseCircuitLimits,
    judge: verdictOf,
    onChange: () => {},
  });
  const tasks = protectTasks(mutation.reconcilerTasks?.(asReconciler) ?? asReconciler, circuit);
  const records = mutation.taskRecords?.(storage) ?? storage;
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
  const passes = createPasses({ tasks, records, reconcile, events, clock, limits: settings });
  const wake = new Wake(clock);
  const unsubscribe = listen(process, surroundings, [channels.ahead, channels.due], () => wake.wake());
  const stop = new AbortController();
  void runPasses({
    passes,
    intervalsMs: settings.intervalsMs,
    wake,
    events,
    clock,
    signal: stop.signal,
    isLeader: () => true,
  });
  return {
    process,
    kill: () => {
      process.kill();
      unsubscribe();
    },
  };
}
