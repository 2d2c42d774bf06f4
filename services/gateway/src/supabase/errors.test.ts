import { expect, test } from 'vitest';
import { TaskError } from '../tasks/errors.ts';
import { callOutcomeOf } from './errors.ts';

const running = new AbortController().signal;
const over = AbortSignal.abort();

test.each([
  ['an answer that is a refusal', new TaskError('quota_exceeded'), [running], 'refused'],
  ['a token that it does not take', new TaskError('unauthenticated'), [], 'refused'],
  ['no answer', new TaskError('supabase_unavailable'), [running], 'failed'],
  ['what came before anything was sent', new Error('no token'), [], 'failed'],
  ['one whom nobody waits for', new TaskError('supabase_unavailable'), [running, over], 'given_up'],
] as const)('%s', (_name, error, signals, outcome) => {
  expect(callOutcomeOf(error, signals)).toBe(outcome);
});
