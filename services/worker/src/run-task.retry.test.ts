import { describe, expect, test } from 'vitest';
import { AgentError, RetryableAgentError } from './agents/agent.ts';
import { createHarness, result } from './run-task.harness.ts';

describe('a failure that may pass', () => {
  test.each([
    ['asked for', new RetryableAgentError('the model is busy'), 'asked'],
    ['of any other kind', new Error('password=secret'), 'unknown'],
    ['that is no error', 'no', 'unknown'],
  ])('%s: hands the task back, its attempt spent', async (_name, error, reason) => {
    const { run, written, outcomes, ends, retries } = createHarness(async (_task, { tick }) => {
      await tick('on the way');
      throw error;
    });
    await run();
    expect(written()).toEqual([
      'claim',
      'started',
      'in_progress 1 {"notes":"on the way"}',
      expect.stringMatching(/^handBack \d+ spent$/),
    ]);
    expect(ends).toEqual([]);
    expect(outcomes.at(-1)).toBe('retried');
    expect(retries).toEqual([reason]);
  });

  test('before a promise was returned, fails no worse', async () => {
    const { run, outcomes } = createHarness(() => {
      throw new Error('at once');
    });
    await run();
    expect(outcomes.at(-1)).toBe('retried');
  });

  test.each([
    ['its own message', new RetryableAgentError('the model\u0000 is busy'), 'the model is busy'],
    ['nothing of another’s', new Error('password=secret'), 'the agent failed'],
  ])('after the last attempt ends in error, and tells %s', async (_name, error, told) => {
    const { run, fake, ends, outcomes, retries } = createHarness(() => Promise.reject(error));
    fake.handBackAnswer = 'no_attempt_left';
    await run();
    expect(ends).toEqual([{ status: 'error', result: null, error: told }]);
    expect(outcomes.at(-1)).toBe('error');
    expect(retries).toEqual([]);
  });

  test('of a task that was taken away meanwhile writes no end', async () => {
    const { run, fake, ends, outcomes } = createHarness(() => Promise.reject(new Error('no')));
    fake.handBackAnswer = 'stop';
    await run();
    expect(ends).toEqual([]);
    expect(outcomes.at(-1)).toBe('stopped');
  });

  test('is handed back as soon as Redis takes it', async () => {
    const { run, fake, outcomes } = createHarness(() => Promise.reject(new Error('no')));
    fake.failuresBefore['handBack'] = 2;
    await run();
    expect(outcomes.at(-1)).toBe('retried');
  });
});

describe('the wait', () => {
  async function waitOf(error: Error, attempt: number, ticks = 0): Promise<number> {
    const { run, fake, written } = createHarness(async (_task, { tick, checkpoint }) => {
      for (let count = 0; count < ticks; count++) await tick();
      await checkpoint('here');
      throw error;
    });
    fake.claimAnswer = { claimed: true, attempt, checkpoint: { state: '1', tick: 2, ranMs: 0 } };
    await run();
    return Number(/^handBack (\d+) /.exec(written().at(-1) ?? '')?.[1]);
  }

  test('grows with the attempts', async () => {
    const wait = await waitOf(new Error('no'), 4);
    expect(wait).toBeGreaterThanOrEqual(4000);
    expect(wait).toBeLessThanOrEqual(8000);
  });

  test('begins anew where the task got on', async () => {
    expect(await waitOf(new Error('no'), 4, 1)).toBeLessThanOrEqual(1000);
  });

  test('is no shorter than the agent asks for', async () => {
    const error = new RetryableAgentError('later', { retryAfterMs: 90_000 });
    expect(await waitOf(error, 1)).toBe(90_000);
  });
});

describe('a checkpoint that is wrong', () => {
  test.each([
    [
      'too large',
      'x'.repeat(262_143),
      'the state of a checkpoint has 262145 bytes, more than the limit of 262144',
    ],
    ['too large in UTF-8', 'é'.repeat(131_072), 'the state of a checkpoint has 262146 bytes'],
    ['no JSON', 1n as unknown as string, 'the state of a checkpoint must be JSON'],
    ['a function', (() => 1) as unknown as string, 'the state of a checkpoint must be JSON'],
  ])('%s: fails the call', async (_name, state, told) => {
    let thrown: unknown;
    const { run, fake } = createHarness(async (_task, { checkpoint }) => {
      thrown = await checkpoint(state).catch((error: unknown) => error);
      return result;
    });
    await run();
    expect(thrown).toBeInstanceOf(AgentError);
    expect(thrown).toMatchObject({ message: expect.stringContaining(told) });
    expect(fake.checkpoints).toEqual([]);
  });

  test('just within the limit is taken', async () => {
    const { run, fake } = createHarness(async (_task, { checkpoint }) => {
      await checkpoint('x'.repeat(262_142));
      return result;
    });
    await run();
    expect(fake.checkpoints).toHaveLength(1);
  });
});
