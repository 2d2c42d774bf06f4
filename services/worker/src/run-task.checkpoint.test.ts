import { once } from 'node:events';
import { createManualClock } from '@tickwork/runtime/process/manual-clock.harness';
import { describe, expect, test, vi } from 'vitest';
import type { AgentContext } from './agents/agent.ts';
import { completing, createHarness, result } from './run-task.harness.ts';

const earlier = { state: '{"page":3}', tick: 3, ranMs: 5000 };

describe('an attempt that is the first', () => {
  test('has nothing to go on from', async () => {
    let context: AgentContext | undefined;
    const { run } = createHarness(async (_task, given) => {
      context = given;
      return result;
    });
    await run();
    expect(context?.resume).toBeNull();
  });

  test('keeps checkpoints, each with the ticks by then and the time that it ran', async () => {
    const { clock, advance } = createManualClock();
    const { run, fake, written } = createHarness(
      async (_task, { tick, checkpoint }) => {
        await tick('one');
        await clock.sleep(1500);
        await checkpoint({ page: 1, odd: 'a\u0000b' });
        await tick();
        return result;
      },
      { clock },
    );
    const left = run();
    await advance(3000);
    await left;
    expect(fake.checkpoints).toEqual([{ state: '{"page":1,"odd":"ab"}', tick: 1, ranMs: 1500 }]);
    expect(written()).toEqual([
      'claim',
      'started',
      'in_progress 1 {"notes":"one"}',
      'in_progress from 1',
      'in_progress 2',
      'completed',
    ]);
  });
});

describe('an attempt after another', () => {
  function resumed(run: Parameters<typeof createHarness>[0], settings = {}) {
    const harness = createHarness(run, settings);
    harness.fake.claimAnswer = { claimed: true, attempt: 2, checkpoint: earlier };
    return harness;
  }

  test('goes on from its checkpoint, and counts ticks from there', async () => {
    let resume: AgentContext['resume'] = null;
    const { run, fake, outcomes } = resumed(async (_task, context) => {
      resume = context.resume;
      await context.tick();
      return result;
    });
    await run();
    expect(resume).toEqual({ state: { page: 3 }, tick: 3 });
    expect(fake.ticks).toEqual([4]);
    expect(outcomes.at(-1)).toBe('completed');
  });

  test('has what is left of the budget', async () => {
    const { run, ends, fake } = resumed(async (_task, { tick }) => {
      for (let count = 0; count < 3; count++) await tick();
      return result;
    });
    await run();
    expect(Math.max(...fake.ticks)).toBe(5);
    expect(ends).toMatchObject([{ error: 'the budget of 5 ticks is spent' }]);
  });

  test('adds its time to that of those before it', async () => {
    const { clock, advance } = createManualClock();
    const { run, fake } = resumed(
      async (_task, { checkpoint }) => {
        await clock.sleep(2000);
        await checkpoint(null);
        return result;
      },
      { clock },
    );
    const left = run();
    await advance(3000);
    await left;
    expect(fake.checkpoints).toEqual([{ state: 'null', tick: 3, ranMs: 7000 }]);
  });

  test('that fails leaves the checkpoint as it was, with the time that it ran', async () => {
    const { clock, advance } = createManualClock();
    const { run, fake, outcomes } = resumed(
      async () => {
        await clock.sleep(2000);
        throw new Error('no');
      },
      { clock },
    );
    const left = run();
    await advance(3000);
    await left;
    expect(fake.checkpoints).toEqual([{ ...earlier, ranMs: 7000 }]);
    expect(outcomes.at(-1)).toBe('retried');
  });

  test('whose checkpoint cannot be read is tried again, not lost', async () => {
    const harness = createHarness(completing);
    harness.fake.claimAnswer = { claimed: true, attempt: 2, checkpoint: { ...earlier, state: '{"pa' } };
    await harness.run();
    expect(harness.outcomes.at(-1)).toBe('retried');
  });
});

describe('a checkpoint resolves', () => {
  test('once Redis took it, however long that takes', async () => {
    let kept = false;
    const harness = createHarness(async (_task, { checkpoint }) => {
      harness.fake.failuresBefore['report'] = 3;
      await checkpoint('here').then(() => {
        kept = harness.fake.checkpoints.length === 1;
      });
      return result;
    });
    await harness.run();
    expect(kept).toBe(true);
  });

  test('when the task is stopped', async () => {
    let resolved = false;
    const harness = createHarness(async (_task, { checkpoint, signal }) => {
      harness.fake.answer = 'stop';
      await checkpoint('here').then(() => {
        resolved = true;
      });
      signal.throwIfAborted();
      return result;
    });
    await harness.run();
    expect(resolved).toBe(true);
    expect(harness.outcomes.at(-1)).toBe('stopped');
  });
});

describe('a shutdown', () => {
  test('keeps what the agent tells while it stops, and then hands back', async () => {
    const harness = createHarness(async (_task, { tick, checkpoint, signal }) => {
      await tick();
      harness.shutDown();
      expect(signal.aborted).toBe(true);
      await tick('the last');
      await checkpoint('almost');
      throw signal.reason;
    });
    await harness.run();
    expect(harness.written().slice(-2)).toEqual([
      expect.stringContaining('in_progress'),
      'handBack 0 unspent',
    ]);
    expect(harness.written().join()).toContain('2 {"notes":"the last"}');
    expect(harness.fake.checkpoints.at(-1)).toMatchObject({ state: '"almost"', tick: 2 });
  });

  test('leaves an agent behind that does not stop, and nothing more of it is written', async () => {
    const after: unknown[] = [];
    const go = Promise.withResolvers<void>();
    const harness = createHarness(async (_task, { tick, checkpoint, signal }) => {
      await tick();
      harness.shutDown();
      if (!signal.aborted) await once(signal, 'abort');
      await go.promise;
      after.push(await tick().catch((error: Error) => error.message));
      after.push(await checkpoint(1).catch((error: Error) => error.message));
      return result;
    });
    await harness.run();
    const before = [...harness.written()];
    expect(before.at(-1)).toBe('handBack 0 unspent');
    go.resolve();
    await vi.waitFor(() => expect(after).toHaveLength(2));
    expect(after).toEqual(['this attempt is over', 'this attempt is over']);
    expect(harness.written()).toEqual(before);
    expect(harness.leftBehind()).toBe(1);
  });
});

test('of an agent that ended nothing more is told', async () => {
  let late: unknown;
  const { run, written } = createHarness(async (_task, { tick }) => {
    setImmediate(() => {
      late = tick().catch((error: Error) => error.message);
    });
    return result;
  });
  await run();
  await vi.waitFor(() => expect(late).toBeDefined());
  expect(await late).toBe('this attempt is over');
  expect(written()).toEqual(['claim', 'started', 'completed']);
});
