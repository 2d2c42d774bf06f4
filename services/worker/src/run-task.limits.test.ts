import { createManualClock } from '@tickwork/runtime/process/manual-clock.harness';
import { describe, expect, test } from 'vitest';
import type { Agent, AgentContext } from './agents/agent.ts';
import { createHarness, result } from './run-task.harness.ts';

const limits = { taskTimeoutMs: 3_600_000, tickTimeoutMs: 60_000 };

function timed(
  run: (context: AgentContext, rest: (ms: number) => Promise<void>) => ReturnType<Agent['run']>,
) {
  const { clock, advance } = createManualClock();
  const harness = createHarness(
    (_task, context) =>
      run(context, async (ms) => {
        await clock.sleep(ms, context.signal);
        context.signal.throwIfAborted();
      }),
    { clock, ...limits, claimMs: 15_000, maxTicks: 200 },
  );
  return { ...harness, clock, advance };
}

async function untilLeft(harness: ReturnType<typeof timed>): Promise<void> {
  let left = false;
  const running = harness.run().finally(() => {
    left = true;
  });
  for (let hour = 0; hour < 5 && !left; hour++) await harness.advance(3_600_000);
  await running;
}

describe('the time of a tick', () => {
  test('is over where the agent says nothing: tried again', async () => {
    let reason: unknown;
    const harness = timed(async ({ tick, signal }, rest) => {
      await rest(59_000);
      await tick();
      await rest(61_000).catch(() => {
        reason = signal.reason;
      });
      signal.throwIfAborted();
      return result;
    });
    await untilLeft(harness);
    expect(reason).toMatchObject({ name: 'TimeoutError', message: 'no tick within 1 min' });
    expect(harness.written().at(-1)).toMatch(/^handBack \d+ spent$/);
    expect(harness.retries).toEqual(['tick_timeout']);
  });

  test('after the last attempt is an error', async () => {
    const harness = timed((_context, rest) => rest(61_000).then(() => result));
    harness.fake.handBackAnswer = 'no_attempt_left';
    await untilLeft(harness);
    expect(harness.ends).toEqual([{ status: 'error', result: null, error: 'no tick within 1 min' }]);
  });

  test('begins anew with each tick and checkpoint', async () => {
    const harness = timed(async ({ tick, checkpoint }, rest) => {
      for (let count = 0; count < 5; count++) {
        await rest(55_000);
        await (count % 2 === 0 ? tick() : checkpoint(count));
      }
      return result;
    });
    await untilLeft(harness);
    expect(harness.outcomes.at(-1)).toBe('completed');
  });

  test('does not count while Redis is away from a checkpoint', async () => {
    const harness = timed(async ({ checkpoint }) => {
      harness.fake.failuresBefore['report'] = 200; // at most 2 s each
      await checkpoint('here');
      return result;
    });
    await untilLeft(harness);
    expect(harness.failures()).toBe(200);
    expect(harness.clock.now()).toBeGreaterThan(2 * 60_000);
    expect(harness.outcomes.at(-1)).toBe('completed');
  });

  test('does not count against an agent that finished all the same', async () => {
    const harness = timed(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return result;
    });
    await untilLeft(harness);
    expect(harness.outcomes.at(-1)).toBe('completed');
  });

  test('leaves an agent behind that heeds no signal', async () => {
    const harness = timed(() => new Promise(() => {}));
    await untilLeft(harness);
    expect(harness.retries).toEqual(['tick_timeout']);
    expect(harness.leftBehind()).toBe(1);
  });
});

describe('the time of a task', () => {
  const ticking = async ({ tick }: AgentContext, rest: (ms: number) => Promise<void>) => {
    for (;;) {
      await rest(55_000);
      await tick();
    }
  };

  test('is over however it gets on: an error', async () => {
    const harness = timed(ticking);
    await untilLeft(harness);
    expect(harness.ends).toEqual([{ status: 'error', result: null, error: 'the task took longer than 1 h' }]);
    expect(harness.fake.ticks.at(-1)).toBe(65);
    expect(harness.retries).toEqual([]);
  });

  test('counts over all attempts', async () => {
    const harness = timed(ticking);
    const checkpoint = { state: '1', tick: 10, ranMs: 3_500_000 };
    harness.fake.claimAnswer = { claimed: true, attempt: 1, checkpoint };
    await untilLeft(harness);
    expect(harness.fake.ticks).toEqual([11]);
    expect(harness.ends).toMatchObject([{ error: 'the task took longer than 1 h' }]);
  });

  test('that was over before calls no agent', async () => {
    let called = false;
    const harness = timed(async () => {
      called = true;
      return result;
    });
    const checkpoint = { state: '1', tick: 10, ranMs: 3_600_000 };
    harness.fake.claimAnswer = { claimed: true, attempt: 1, checkpoint };
    await untilLeft(harness);
    expect(called).toBe(false);
    expect(harness.ends).toMatchObject([{ error: 'the task took longer than 1 h' }]);
  });
});

test('an agent that loses its task and does not stop is left behind, with nothing written', async () => {
  const harness = timed(async () => {
    harness.fake.answer = 'stop';
    return new Promise(() => {});
  });
  await untilLeft(harness);
  expect(harness.outcomes.at(-1)).toBe('stopped');
  expect(harness.leftBehind()).toBe(1);
  expect(harness.written()).toEqual(['claim', 'started']);
});

test('notes of a tick are cut to 2,000 code points', async () => {
  const harness = timed(async ({ tick }) => {
    await tick('é😀'.repeat(2000));
    return result;
  });
  await untilLeft(harness);
  const [, , notes] = harness.written()[2]?.split(' ') ?? [];
  expect(Array.from(JSON.parse(notes ?? '').notes)).toHaveLength(2000);
});
