import type { ReconcilerTasks } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { verdictOf } from '../supabase/errors.ts';
import { TaskError } from '../tasks/errors.ts';
import { CircuitOpenError, createCircuit, protectTasks } from './circuit.ts';

const limits = { mostFailures: 2, firstWaitMs: 100, longestWaitMs: 100, retryMs: 50 };
const signal = new AbortController().signal;
const unavailable = () => Promise.reject(new TaskError('supabase_unavailable'));

function harness() {
  let time = 0;
  const changes: string[] = [];
  const circuit = createCircuit({
    clock: { now: () => time, random: () => 0 },
    limits,
    judge: verdictOf,
    onChange: (state) => changes.push(state.kind),
  });
  const call = (answer: () => Promise<unknown>, until = signal) =>
    circuit.run(answer, until).then(
      () => 'answered',
      (error) => error.name as string,
    );
  return {
    circuit,
    changes,
    call,
    later: (ms: number) => {
      time += ms;
    },
  };
}

test('opens, is tried after a while, and closes: each change is told once', async () => {
  const { call, changes, later } = harness();
  const answers = [await call(unavailable), await call(unavailable), await call(unavailable)];
  expect(answers).toEqual(['TaskError', 'TaskError', 'CircuitOpenError']);
  later(50);
  expect(await call(unavailable)).toBe('TaskError');
  later(49);
  expect(await call(async () => {})).toBe('CircuitOpenError');
  later(1);
  expect(await call(async () => {})).toBe('answered');
  expect(changes).toEqual(['open', 'half_open', 'open', 'half_open', 'closed']);
});

test('while one call tries, the others are refused', async () => {
  const { call, later } = harness();
  await call(unavailable);
  await call(unavailable);
  later(50);
  const { promise, resolve } = Promise.withResolvers<void>();
  const trying = call(() => promise);
  expect(await call(async () => {})).toBe('CircuitOpenError');
  resolve();
  expect([await trying, await call(async () => {})]).toEqual(['answered', 'answered']);
});

test.each(['invalid', 'unauthenticated', 'forbidden', 'schema_missing', 'conflict'] as const)(
  'a refusal as %s is an answer: it closes, and never opens',
  async (code) => {
    const { call, changes } = harness();
    const refuse = () => Promise.reject(new TaskError(code));
    for (const answer of [unavailable, refuse, unavailable, refuse, refuse, refuse]) await call(answer);
    expect(changes).toEqual([]);
  },
);

test('a call that was given up here, or never left, says nothing', async () => {
  const { call, changes, later } = harness();
  const noToken = () => Promise.reject(new Error('the file can not be read'));
  for (const _ of [1, 2, 3]) {
    expect(await call(unavailable, AbortSignal.abort())).toBe('TaskError');
    expect(await call(noToken)).toBe('Error');
  }
  expect(changes).toEqual([]);
  await call(unavailable);
  await call(unavailable);
  later(50);
  await call(noToken);
  expect(changes).toEqual(['open', 'half_open', 'open']);
});

test('each call for tasks goes through it, as it was made', async () => {
  const { circuit } = harness();
  const asked: unknown[] = [];
  const answer = <Value>(value: Value) => {
    return async (...given: unknown[]) => {
      asked.push(given);
      return value;
    };
  };
  const tasks: ReconcilerTasks = {
    syncBatch: answer([]),
    readRows: answer(new Map()),
    activeRows: answer([]),
  };
  const guarded = protectTasks(tasks, circuit);
  const every = () => [
    guarded.syncBatch([], signal),
    guarded.readRows([], signal),
    guarded.activeRows('a', 1, 2, signal),
  ];
  await Promise.all(every());
  expect(asked).toEqual([
    [[], signal],
    [[], signal],
    ['a', 1, 2, signal],
  ]);
  await circuit.run(unavailable, signal).catch(() => {});
  await circuit.run(unavailable, signal).catch(() => {});
  const refused = await Promise.allSettled(every());
  expect(refused.map((one) => one.status === 'rejected' && one.reason instanceof CircuitOpenError)).toEqual([
    true,
    true,
    true,
  ]);
  expect(asked).toHaveLength(3);
});
