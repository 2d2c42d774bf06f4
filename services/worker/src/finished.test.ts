import { describe, expect, test } from 'vitest';
import { AgentError, RetryableAgentError } from './agents/agent.ts';
import { type Circumstances, decideLeaving, type Finished, finishedBy } from './finished.ts';

const limits = { taskTimeoutMs: 90_000, tickTimeoutMs: 1500 };
const usual: Circumstances = { finished: null, expiry: null, shutdown: false, limits };
const completed: Finished = { kind: 'completed', result: '{}' };
const failed: Finished = { kind: 'failed', message: 'no such page' };
const retry: Finished = { kind: 'retry', reason: 'asked', message: 'busy', retryAfterMs: 7 };

describe('how a task is left', () => {
  test.each<[string, Partial<Circumstances>, object]>([
    ['finished', { finished: completed }, { kind: 'end', end: { status: 'completed', result: '{}' } }],
    [
      'finished while told to stop',
      { finished: completed, shutdown: true },
      { end: { status: 'completed' } },
    ],
    ['finished past its time', { finished: completed, expiry: 'task' }, { end: { status: 'completed' } }],
    [
      'failed for good',
      { finished: failed },
      { kind: 'end', end: { status: 'error', error: 'no such page' } },
    ],
    ['failed for now', { finished: retry }, retry],
    ['failed as it was told to stop', { finished: failed, shutdown: true }, { kind: 'hand_back' }],
    ['stopped in good order', { finished: retry, shutdown: true }, { kind: 'hand_back' }],
    ['left behind', { shutdown: true }, { kind: 'hand_back' }],
    [
      'past its time',
      { finished: retry, expiry: 'task' },
      { kind: 'end', end: { status: 'error', error: 'the task took longer than 90 s' } },
    ],
    ['left behind past its time', { expiry: 'task', shutdown: true }, { end: { status: 'error' } }],
    [
      'silent for too long',
      { finished: failed, expiry: 'tick' },
      { kind: 'retry', reason: 'tick_timeout', message: 'no tick within 1500 ms', retryAfterMs: 0 },
    ],
    ['left behind, silent', { expiry: 'tick', shutdown: true }, { kind: 'retry', reason: 'tick_timeout' }],
  ])('%s', (_name, circumstances, leaving) => {
    expect(decideLeaving({ ...usual, ...circumstances })).toMatchObject(leaving);
  });
});

describe('what an error means', () => {
  test.each<[string, unknown, object]>([
    ['AgentError', new AgentError('no'), { kind: 'failed', message: 'no' }],
    [
      'RetryableAgentError',
      new RetryableAgentError('busy', { retryAfterMs: 9 }),
      { kind: 'retry', reason: 'asked', message: 'busy', retryAfterMs: 9 },
    ],
    [
      'of a wait that is none',
      new RetryableAgentError('busy', { retryAfterMs: Number.NaN }),
      { retryAfterMs: 0 },
    ],
    [
      'anything else',
      new TypeError('x.y'),
      { kind: 'retry', reason: 'unknown', message: 'the agent failed' },
    ],
    ['nothing', undefined, { kind: 'retry', reason: 'unknown' }],
  ])('%s', (_name, error, finished) => {
    expect(finishedBy(error)).toMatchObject(finished);
  });
});
