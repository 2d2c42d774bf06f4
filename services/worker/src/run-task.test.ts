import { createClock } from '@tickwork/runtime/process/clock';
import { describe, expect, test, vi } from 'vitest';
import { AgentError, type AgentResult } from './agents/agent.ts';
import { completing, createHarness, result } from './run-task.harness.ts';

describe('a task that runs', () => {
  test('goes accepted, started, in_progress, completed, in that order', async () => {
    const { run, written, outcomes } = createHarness(async (_task, { tick }) => {
      await tick('first');
      return result;
    });
    await run();
    expect(written()).toEqual(['claim', 'started', 'in_progress 1 {"notes":"first"}', 'completed']);
    expect(outcomes).toEqual(['accepted', 'started', 'in_progress', 'completed']);
  });

  test('ends with the agent’s answer as JSON, and without an error', async () => {
    const { run, ends } = createHarness(completing);
    await run();
    expect(ends).toEqual([{ status: 'completed', result: JSON.stringify(result), error: null }]);
  });

  test('is freed of what Postgres cannot store', async () => {
    const { run, ends } = createHarness(async () => ({ ...result, notes: 'a\u0000b\ud800' }));
    await run();
    expect(JSON.parse(ends[0]?.result ?? '')).toMatchObject({ notes: 'ab\ufffd' });
  });

  test('has each claim under a token of its own', async () => {
    const { run, tokens } = createHarness(completing);
    await run();
    await run();
    expect(new Set(tokens).size).toBe(2);
  });
});

describe('the wait of a message, from its publish to the claim', () => {
  const clock = { ...createClock(), wallTime: () => 1_800_000_000_000 };

  test.each([
    ['is told', 1_799_999_999_250, 750],
    ['is 0 where the publisher’s clock is ahead', 1_800_000_005_000, 0],
    ['is not known where the message tells nothing', null, null],
  ])('%s', async (_name, publishedAt, waitedMs) => {
    const { run, waits } = createHarness(completing, { clock });
    await run(publishedAt);
    expect(waits).toEqual([waitedMs]);
  });

  test('counts the tries of its claim while Redis is away', async () => {
    let now = 1_800_000_000_000;
    const sleep = async (ms: number) => {
      now += ms;
    };
    const { run, waits, fake } = createHarness(completing, {
      clock: { ...clock, wallTime: () => now, sleep },
    });
    fake.failuresBefore.claim = 1;
    await run(now);
    expect(waits[0]).toBeGreaterThan(0);
  });

  test('is none where the claim is refused', async () => {
    const { run, waits, fake } = createHarness(completing, { clock });
    fake.claimAnswer = { claimed: false, reason: 'taken' };
    await run(1_799_999_999_250);
    expect(waits).toEqual([]);
  });
});

describe('a claim that is refused', () => {
  test.each(['ended', 'no_record', 'taken', 'no_attempt_left'] as const)('%s: no agent', async (reason) => {
    const { run, written, refusals, fake } = createHarness(completing);
    fake.claimAnswer = { claimed: false, reason };
    await run();
    expect(written()).toEqual(['claim']);
    expect(refusals).toEqual([reason]);
  });
});

describe('an agent that fails for good', () => {
  test('tells its user why', async () => {
    const { run, ends, outcomes } = createHarness(() => Promise.reject(new AgentError('no such\u0000 page')));
    await run();
    expect(ends).toEqual([{ status: 'error', result: null, error: 'no such page' }]);
    expect(outcomes.at(-1)).toBe('error');
  });

  test('also by a copy of the class that came with its module', async () => {
    const foreign = Object.assign(new Error('no such page'), { name: 'AgentError' });
    const { run, ends } = createHarness(() => Promise.reject(foreign));
    await run();
    expect(ends).toMatchObject([{ status: 'error', error: 'no such page' }]);
  });

  test('by a tick beyond its budget is told so', async () => {
    const { run, ends, fake } = createHarness(async (task, { tick }) => {
      for (let count = 0; count <= task.maxTicks; count++) await tick();
      return result;
    });
    await run();
    expect(ends).toEqual([{ status: 'error', result: null, error: 'the budget of 5 ticks is spent' }]);
    expect(Math.max(...fake.ticks)).toBeLessThanOrEqual(5);
  });

  test.each([
    ['is no JSON', { ...result, cost: 1n }, 'the result of the agent must be JSON'],
    [
      'has another shape',
      { success: 'yes', deliverables: [1] },
      'the result of the agent is wrong: success must be true or false; deliverables must be a list of texts; ' +
        'notes must be a text',
    ],
    ['is none', undefined, 'the result of the agent is wrong: it must be an object'],
    [
      'is too large',
      { ...result, notes: 'é'.repeat(5000) },
      'the result of the agent has 10050 bytes, more than the limit of 10000',
    ],
  ])('by a result that %s', async (_name, wrong, told) => {
    const { run, ends } = createHarness(async () => wrong as AgentResult);
    await run();
    expect(ends).toEqual([{ status: 'error', result: null, error: told }]);
  });
});

describe('a task that is taken away', () => {
  test('stops its agent at the next heartbeat, and nothing more is written', async () => {
    const harness = createHarness(async (_task, { signal }) => {
      await vi.waitFor(() => expect(harness.written()).toContain('started'));
      harness.fake.answer = 'stop';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return result;
    });
    await harness.run();
    expect(harness.written()).toEqual(['claim', 'started']);
    expect(harness.ends).toEqual([]);
    expect(harness.outcomes.at(-1)).toBe('stopped');
  });

  test('lets no agent tick on', async () => {
    let late: unknown;
    const harness = createHarness(async (_task, { signal, tick }) => {
      harness.fake.answer = 'stop';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      late = await tick().catch((error: Error) => error.message);
      return result;
    });
    await harness.run();
    expect(late).toBe('the task ended, or another worker has it');
  });

  test('just before its end is stopped, not completed', async () => {
    const harness = createHarness(async () => {
      harness.fake.endAnswer = 'stop';
      return result;
    });
    await harness.run();
    expect(harness.outcomes.at(-1)).toBe('stopped');
  });
});

describe('a hint that something became of a task', () => {
  const untilStopped: Parameters<typeof createHarness>[0] = (_task, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  /** No heartbeat of its own comes in time. */
  const claimMs = 3_600_000;

  test.each([
    ['named', (id: string) => id],
    ['among all', () => null],
  ])('%s: it is looked at once, and stops where it has ended', async (_name, hintOf) => {
    const { run, running, correlationId, outcomes, fake } = createHarness(untilStopped, { claimMs });
    const left = run();
    await vi.waitFor(() => expect(outcomes).toEqual(['accepted', 'started']));
    running.check('another');
    running.check(hintOf(correlationId)); // it has not ended
    fake.answer = 'stop';
    running.check(hintOf(correlationId));
    await left;
    expect(outcomes.at(-1)).toBe('stopped');
  });

  test('about a task that has left asks nothing', async () => {
    const { run, running, correlationId, fake } = createHarness(completing, { claimMs });
    await run();
    let asked = 0;
    fake.reports.heartbeat = async () => {
      asked += 1;
      return 'written';
    };
    running.check(correlationId);
    expect(asked).toBe(0);
  });
});
