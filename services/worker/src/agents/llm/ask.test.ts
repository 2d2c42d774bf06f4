import { createClock } from '@tickwork/runtime/process/clock';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createAsk } from './ask.ts';

const request = { system: '', messages: [], isLast: false };
const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };

test('a step whose calls take long is not tried in place until the worker’s limit for a tick', async () => {
  let now = 0;
  let calls = 0;
  const clock = { ...createClock(), now: () => now, sleep: async () => {} };
  const ask = createAsk({
    clock,
    timeLimitMs: 120_000,
    model: async () => {
      calls += 1;
      now += 120_000;
      throw new DOMException('late', 'TimeoutError');
    },
  });
  await expect(ask(request, context)).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: 'the model took too long to answer',
  });
  expect(calls).toBe(2);
});

test('a server that wants to be left alone for days leaves the wait to the task', async () => {
  const headers = { 'retry-after': '999999' };
  const { APICallError } = await import('ai');
  const busy = new APICallError({
    message: '',
    url: '',
    requestBodyValues: {},
    statusCode: 429,
    responseHeaders: headers,
  });
  const ask = createAsk({ clock: createClock(), timeLimitMs: 1000, model: () => Promise.reject(busy) });
  await expect(ask(request, context)).rejects.toMatchObject({ retryAfterMs: 999_999_000 });
});
