import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { completing, createHarness, result } from './run-task.harness.ts';

describe('while Redis is slow', () => {
  test('one write is under way, and of what comes meanwhile the newest is next', async () => {
    const harness = createHarness(async (_task, { tick }) => {
      for (let count = 1; count <= 5; count++) await tick(`${count}`);
      setImmediate(harness.fake.open);
      return result;
    });
    harness.fake.hold();
    await harness.run();
    expect(harness.fake.mostAtOnce).toBe(1);
    expect(harness.written()).toEqual(['claim', 'started', 'in_progress 5 {"notes":"5"}', 'completed']);
  });
});

describe('while Redis is away', () => {
  test('the agent goes on, and its end is written once Redis is back', async () => {
    const { run, fake, written, outcomes } = createHarness(async (_task, { tick, signal }) => {
      await tick();
      await tick();
      expect(signal.aborted).toBe(false);
      return result;
    });
    fake.failuresBefore['report'] = 3;
    fake.failuresBefore['end'] = 2;
    await run();
    expect(written()).toEqual(['claim', 'started', 'in_progress 2', 'completed']);
    expect(outcomes.at(-1)).toBe('completed');
  });

  test('a claim is tried again', async () => {
    const { run, fake, outcomes } = createHarness(completing);
    fake.failuresBefore['claim'] = 3;
    await run();
    expect(outcomes.at(-1)).toBe('completed');
  });

  test('until the shutdown, a message whose task could not be claimed goes back', async () => {
    const harness = createHarness(completing);
    harness.fake.failuresBefore['claim'] = Number.POSITIVE_INFINITY;
    const running = expect(harness.run()).rejects.toThrow('Redis is away');
    await vi.waitFor(() => expect(harness.failures()).toBeGreaterThan(1));
    harness.shutDown();
    await running;
    expect(harness.written()).toEqual([]);
  });

  test('until the process ends, the message goes back', async () => {
    const harness = createHarness(completing);
    harness.fake.failuresBefore['end'] = Number.POSITIVE_INFINITY;
    const running = expect(harness.run()).rejects.toThrow('Redis is away');
    await vi.waitFor(() => expect(harness.failures()).toBeGreaterThan(1));
    harness.endProcess();
    await running;
    expect(harness.outcomes.at(-1)).toBe('failed_to_report');
  });
});

describe('a shutdown', () => {
  const heedful =
    (onceHeeding: () => void) =>
    (_task: unknown, { signal }: { signal: AbortSignal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      onceHeeding();
      return promise;
    };

  test('aborts the agent and hands the task back, due at once, with no end written', async () => {
    const harness = createHarness(heedful(() => harness.shutDown()));
    await harness.run();
    expect(harness.written().at(-1)).toBe('handBack 0 unspent');
    expect(harness.ends).toEqual([]);
    expect(harness.outcomes.at(-1)).toBe('handed_back');
  });

  test('keeps what an agent finished in time', async () => {
    const harness = createHarness(async () => {
      harness.shutDown();
      return result;
    });
    await harness.run();
    expect(harness.outcomes.at(-1)).toBe('completed');
  });

  test('does not wait for an agent that heeds no signal', async () => {
    const harness = createHarness(() => {
      harness.shutDown();
      return new Promise(() => {});
    });
    await harness.run();
    expect(harness.written().at(-1)).toBe('handBack 0 unspent');
  });

  test('leaves a task alone that was taken away before', async () => {
    const harness = createHarness(async (_task, { signal }) => {
      harness.fake.answer = 'stop';
      await once(signal, 'abort');
      harness.shutDown();
      throw signal.reason;
    });
    await harness.run();
    expect(harness.written()).not.toContain('handBack 0 unspent');
    expect(harness.outcomes.at(-1)).toBe('stopped');
  });

  test('hands back as soon as Redis takes it', async () => {
    const harness = createHarness(heedful(() => harness.shutDown()));
    harness.fake.failuresBefore['handBack'] = 2;
    await harness.run();
    expect(harness.written().at(-1)).toBe('handBack 0 unspent');
  });

  test('that cannot hand back before the process ends throws: the message has to', async () => {
    const harness = createHarness(heedful(() => harness.shutDown()));
    harness.fake.failuresBefore['handBack'] = Number.POSITIVE_INFINITY;
    const running = expect(harness.run()).rejects.toThrow('Redis is away');
    await vi.waitFor(() => expect(harness.failures()).toBeGreaterThan(1));
    harness.endProcess();
    await running;
  });
});
