import { expect, test } from 'vitest';
import {
  agentAt,
  answer,
  asLine,
  asServerSent,
  createContext,
  logged,
  result,
  runOver,
  secret,
  task,
} from './http.harness.ts';

const lines = { 'content-type': 'application/x-ndjson' };
const served = { 'content-type': 'text/event-stream' };

test.each([
  [429, { 'retry-after': '7' }, '', 7000, 'the agent service answered with status 429'],
  [503, {}, '', 0, 'the agent service answered with status 503'],
  [500, { 'retry-after': 'soon' }, '{"error":{"message":"the model is away"}}', 0, 'the model is away'],
  [408, {}, '<html>', 0, 'the agent service answered with status 408'],
])('status %i may pass', async (status, headers, body, retryAfterMs, message) => {
  const { outcome } = await runOver(({ response }) => response.writeHead(status, headers).end(body));
  await expect(outcome).rejects.toMatchObject({ name: 'RetryableAgentError', message, retryAfterMs });
});

test.each([
  [400, '{"error":{"message":"no such model"}}', 'no such model'],
  [400, `{"error":{"message":"${'x'.repeat(600)}"}}`, `${'x'.repeat(499)}…`],
  [401, '{"error":"secret detail"}', 'the agent service answered with status 401'],
  [422, 'secret detail', 'the agent service answered with status 422'],
  [
    404,
    `{"error":{"message":"a"},"more":"${'x'.repeat(70_000)}"}`,
    'the agent service answered with status 404',
  ],
  [204, '', 'the agent service answered with status 204'],
])('status %i is final', async (status, body, message) => {
  const { outcome } = await runOver(({ response }) => response.writeHead(status).end(body));
  await expect(outcome).rejects.toMatchObject({ name: 'AgentError', message });
});

test('a redirect is refused', async () => {
  const { outcome, asked } = await runOver(({ response }) =>
    response.writeHead(307, { location: '/elsewhere' }).end(),
  );
  await expect(outcome).rejects.toMatchObject({
    name: 'AgentError',
    message: 'the agent service answered with status 307, and redirects are not followed',
  });
  expect(asked).toHaveLength(1);
});

test.each([
  [
    'another content type',
    { 'content-type': 'application/json' },
    '{}',
    'content-type must be one of application/x-ndjson, application/jsonl, text/event-stream',
  ],
  ['no content type', {}, '{}', 'content-type must be one of'],
  ['a compressed stream', { ...lines, 'content-encoding': 'gzip' }, 'x', 'content-encoding must be absent'],
  ['broken JSON', lines, '{"type":\n', 'an event must be JSON'],
  ['broken JSON', served, 'data: nothing\n\n', 'an event must be JSON'],
  ['no UTF-8', lines, Buffer.from('{"type":"x\xff"}\n', 'latin1'), 'the stream must be UTF-8'],
  ['no UTF-8', served, Buffer.from('data: \xff\n\n', 'latin1'), 'the stream must be UTF-8'],
  ['no type', lines, '{"notes":"x"}\n', 'an event must be a JSON object with a type'],
  ['a wrong field', lines, asLine({ type: 'tick', notes: 7 }), 'in an event tick, notes must be a string'],
  [
    'a wrong field',
    served,
    asServerSent({ type: 'result', success: 'yes', deliverables: [1] }),
    'in an event result, success must be true or false; deliverables must be an array of strings; notes must be given',
  ],
  ['an endless line', lines, 'x'.repeat(1024 * 1024 + 1), 'an event must be no longer than 1048576 bytes'],
  [
    'an endless line',
    served,
    `data: ${'x'.repeat(1024 * 1024 + 1)}`,
    'an event must be no longer than 1048576 bytes',
  ],
  [
    'an endless event',
    served,
    `data: ${'x'.repeat(1024)}\n`.repeat(1025),
    'an event must be no longer than 1048576 bytes',
  ],
])('%s breaks the protocol, in words', async (_what, headers, body, rule) => {
  const { outcome } = await runOver(({ response }) => response.writeHead(200, headers).write(body));
  await expect(outcome).rejects.toMatchObject({
    name: 'AgentError',
    message: expect.stringContaining(`the agent service broke the protocol: ${rule}`),
  });
});

test.each([
  ['nothing', lines, ''],
  ['a line that was cut off', lines, `${asLine({ type: 'tick' })}{"type":"resu`],
  ['an event that was cut off', served, `data: ${JSON.stringify(result)}\n`],
])('an answer that ends after %s may pass', async (_what, headers, body) => {
  const { outcome } = await runOver(({ response }) => response.writeHead(200, headers).end(body));
  await expect(outcome).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: "the agent service's answer ended without a result",
  });
});

test('the last line may lack its end', async () => {
  const { outcome } = await runOver(({ response }) =>
    response.writeHead(200, lines).end(JSON.stringify(result)),
  );
  expect(await outcome).toMatchObject({ success: true });
});

test.each([
  [{ message: 'no such city' }, { name: 'AgentError', message: 'no such city' }],
  [
    { message: 'x'.repeat(501), retryable: false },
    { name: 'AgentError', message: `${'x'.repeat(499)}…` },
  ],
  [
    { message: 'later', retryable: true },
    { name: 'RetryableAgentError', message: 'later', retryAfterMs: 0 },
  ],
  [
    { message: 'later', retryable: true, retry_after_ms: 90 },
    { name: 'RetryableAgentError', retryAfterMs: 90 },
  ],
])('an event error %o ends the attempt', async (error, expected) => {
  const { outcome } = await runOver((exchange) => answer(exchange, [{ type: 'error', ...error }, result]));
  await expect(outcome).rejects.toMatchObject(expected);
});

test('a service that does not answer', async () => {
  const { outcome } = await runOver(() => {}, { AGENT_HTTP_HEADERS_TIMEOUT_MS: '100' });
  await expect(outcome).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: 'the agent service did not answer within 100 ms',
  });
});

test('a service that falls silent', async () => {
  const { outcome, ticks } = await runOver(
    ({ response }) => response.writeHead(200, lines).write(asLine({ type: 'tick' })),
    { AGENT_HTTP_SILENCE_MS: '100' },
  );
  await expect(outcome).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: 'the agent service said nothing for 100 ms',
  });
  expect(ticks).toHaveLength(1);
});

test.each([
  [lines, '\n', asLine(result)],
  [served, ':\n\n', asServerSent(result)],
])('a heartbeat breaks the silence', async (headers, heartbeat, end) => {
  const { outcome } = await runOver(
    ({ response }) => {
      response.writeHead(200, headers);
      let left = 15;
      const beating = setInterval(() => {
        if (left-- > 0) return response.write(heartbeat);
        clearInterval(beating);
        return response.end(end);
      }, 100);
    },
    { AGENT_HTTP_SILENCE_MS: '1000' },
  );
  expect(await outcome).toMatchObject({ success: true });
});

test('a service that is not there', async () => {
  const agent = await agentAt('http://127.0.0.1:1/');
  await expect(agent.run(task, createContext().context)).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: 'there is no connection to the agent service',
  });
});

test('the log says what is wrong, and nothing of the task or the secret', () => {
  expect(logged()).toContain('content-type must be one of');
  expect(logged()).toContain('"http_status":401');
  for (const kept of [secret.slice(6), 'grüezi', 'secret detail', 'no such', 'v1,']) {
    expect(logged()).not.toContain(kept);
  }
});
