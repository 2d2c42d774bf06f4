import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { RecordCommands } from '@tickwork/runtime/redis/scripts';
import type { TaskRecord } from '@tickwork/task/task';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordsServer } from '../conformance/records-server.ts';
import { rowStamp } from '../conformance/records-tasks.ts';
import { memoryRecords } from '../simulation/memory/memory-records.ts';
import { createMemoryRedis } from '../simulation/memory/redis.ts';
import { createRedisRecords } from './redis-records.ts';
import { anySteps, keyOf, type Step, take, tasks } from './redis-steps.ts';

/** Both servers' clock, in microseconds. */
let now = rowStamp;
let redis: RecordsServer;
beforeAll(async () => {
  redis = await createRedisRecords(withOurClock);
});
afterAll(() => redis.close());

/** The scripts then read the time from a key. */
function withOurClock(lua: string): string {
  const parts = lua.split("redis.call('TIME')");
  if (parts.length !== 2) throw new Error('the scripts do not ask for the time in one place any more');
  return parts.join("redis.call('HMGET', 'clock', 'seconds', 'microseconds')");
}

const setClock = () => redis.set('clock', { seconds: Math.floor(now / 1e6), microseconds: now % 1e6 });

/** A server, two processes that use it, and what its scripts answered them. */
function twin(server: RecordsServer) {
  const answers: unknown[] = [];
  // Far too long for the real server, which has its own clock for this, to drop anything.
  const settings = { claimMs: 15_000, maxAttempts: 2, recordTtlSeconds: 1_000_000_000 };
  const process = () => new RedisTaskStorage(recorded(server.commands, answers), settings);
  return { server, answers, processes: [process(), process()] as const };
}

function recorded(commands: RecordCommands, answers: unknown[]): RecordCommands {
  return new Proxy(commands, {
    get(target, name) {
      const command = Reflect.get(target, name);
      // A scan has its own order and cursors.
      if (typeof name !== 'string' || !name.startsWith('task') || name === 'taskScanStep') return command;
      return async (...keysAndArguments: unknown[]) => {
        const answer = await Reflect.apply(command, target, keysAndArguments);
        answers.push({ name, answer });
        return answer;
      };
    },
  });
}

/** All that a server holds of the tasks. */
const contentOf = (server: RecordsServer) =>
  Promise.all(
    tasks.map(async (task) => {
      const [fields, seconds, ahead, due] = await Promise.all([
        server.fields(keyOf(task)),
        server.timeToLive(keyOf(task)),
        server.hint('tasks:ahead', task.correlationId),
        server.hint('tasks:due', task.correlationId),
      ]);
      return { fields, ahead, due, expires: Math.sign(seconds) };
    }),
  );

/** Takes the steps on a real Redis and on the one in memory, and compares after each. */
async function compare(steps: readonly Step[]): Promise<void> {
  const real = twin(redis);
  const memory = twin(memoryRecords(createMemoryRedis({ now: () => now }), () => now));
  const seen: [TaskRecord[], TaskRecord[]] = [[], []];
  now = rowStamp;
  await redis.flush();
  for (const step of steps) {
    const { task, elapsed } = step.circumstances;
    now += elapsed;
    await setClock();
    const scene = { now, seen: seen[task] };
    const expected = await take(step, real, scene);
    expect(await take(step, memory, scene)).toEqual(expected);
    expect(memory.answers.splice(0)).toEqual(real.answers.splice(0));
    await setClock(); // a flush took it along
    expect(await contentOf(memory.server)).toEqual(await contentOf(real.server));
    const [record] = await memory.processes[0].read([tasks[task].correlationId]);
    if (record) seen[task].unshift(record);
  }
}

test('any steps lead to the same answers and the same records in memory as in Redis', async () => {
  await fc.assert(fc.asyncProperty(anySteps, compare), { numRuns: 100 });
});
