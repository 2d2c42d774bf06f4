import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
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
  startService,
  task,
} from './http.harness.ts';

const { type: _, ...given } = result;
const events = [
  { type: 'tick', notes: 'hälfte 🎉' },
  { type: 'checkpoint', state: { at: 1 } },
  { type: 'note', notes: 'almost' },
  { type: 'tick' },
  { type: 'tick' },
  { ...result, tokens: 7 },
];

test.each([
  'application/x-ndjson',
  'application/jsonl; charset=utf-8',
  'Text/Event-Stream',
  'text/event-stream',
])('a stream %s is carried out event by event', async (contentType) => {
  const { outcome, ticks, checkpoints } = await runOver((exchange) => answer(exchange, events, contentType));
  expect(await outcome).toEqual({ ...given, tokens: 7 });
  expect(ticks).toEqual(['hälfte 🎉', 'almost', undefined]);
  expect(checkpoints).toEqual([{ at: 1 }]);
});

test.each([
  ['application/x-ndjson', asLine],
  ['text/event-stream', asServerSent],
])('%s that comes byte by byte, heartbeats between', async (contentType, asText) => {
  const comment = contentType === 'text/event-stream' ? ': here\n\n' : '\n\r\n';
  const { outcome, ticks } = await runOver(async ({ response }) => {
    response.writeHead(200, { 'content-type': contentType });
    response.socket?.setNoDelay(true);
    for (const byte of Buffer.from(events.map((event) => comment + asText(event)).join(''))) {
      response.write(Buffer.of(byte));
      await turn();
    }
    response.end();
  });
  expect(await outcome).toMatchObject(given);
  expect(ticks).toEqual(['hälfte 🎉', 'almost', undefined]);
});

test('the request says all of the task, and what it takes', async () => {
  const { outcome, asked } = await runOver((exchange) => answer(exchange, [result]));
  await outcome;
  const [exchange] = asked;
  expect(exchange?.request).toMatchObject({ method: 'POST', url: '/tasks?agent=a' });
  expect(exchange?.request.headers).toMatchObject({
    'content-type': 'application/json',
    accept: 'application/x-ndjson, application/jsonl, text/event-stream',
  });
  expect(JSON.parse(exchange?.body ?? '')).toEqual({
    v: 1,
    correlation_id: 'c-1',
    mandate: 'Say grüezi 🎉',
    max_ticks: 3,
    resume: null,
  });
});

test('the service is in the trace of the task', async () => {
  const tracing = startTracing({ serviceName: 'test', env: {} });
  const service = await startService((exchange) => answer(exchange, [result]));
  const agent = await agentAt(service.url);
  const traceId = await withSpan('run agent', {}, async (span) => {
    await agent.run(task, createContext().context);
    return span.spanContext().traceId;
  });
  expect(service.asked[0]?.request.headers['traceparent']).toMatch(
    new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`),
  );
  await tracing.shutdown();
});

test('after a lost stream the next attempt is given the last checkpoint, and goes on from there', async () => {
  const service = await startService((exchange) => {
    if (exchange.count > 1) return answer(exchange, [{ type: 'tick' }, result]);
    exchange.response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    exchange.response.write(asLine({ type: 'tick' }) + asLine({ type: 'checkpoint', state: { at: 'half' } }));
    return undefined;
  });
  const agent = await agentAt(service.url);
  const first = createContext();
  const lost = agent.run(task, {
    ...first.context,
    async checkpoint(state) {
      await first.context.checkpoint(state);
      service.asked[0]?.response.destroy();
    },
  });
  await expect(lost).rejects.toMatchObject({
    name: 'RetryableAgentError',
    message: 'there is no connection to the agent service',
  });
  const [state] = first.checkpoints;
  const second = createContext({ resume: { state: state ?? null, tick: 1 } });
  expect(await agent.run(task, second.context)).toEqual(given);
  expect(JSON.parse(service.asked[1]?.body ?? '')).toMatchObject({
    resume: { state: { at: 'half' }, tick: 1 },
  });
});

test('a service that has given its result may end its answer, but nobody waits for it', async () => {
  const service = await startService((exchange) => {
    if (exchange.count > 1) return answer(exchange, [result]);
    exchange.response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    exchange.response.write(asLine(result));
    return undefined;
  });
  const agent = await agentAt(service.url);
  expect(await agent.run(task, createContext().context)).toEqual(given);
  // By the end of a second one the service would have seen the first cut off.
  await agent.run(task, createContext().context);
  const response = service.asked[0]?.response;
  expect(response?.destroyed).toBe(false);
  response?.end();
  if (response) await once(response, 'close');
});

test('an abort reaches the service, also while a tick is taken', async () => {
  const closed = Promise.withResolvers<void>();
  const service = await startService(({ response }) => {
    response.once('close', closed.resolve);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write(asLine({ type: 'tick' }));
  });
  const agent = await agentAt(service.url);
  const { context, abort } = createContext({ onTick: () => abort.abort(new Error('stop')) });
  await expect(agent.run(task, context)).rejects.toThrow('stop');
  await closed.promise;
});

test('an abort before the answer reaches the service', async () => {
  const closed = Promise.withResolvers<void>();
  const { outcome, abort } = await runOver(({ response }) => {
    response.once('close', closed.resolve);
    abort.abort(new Error('stop'));
  });
  await expect(outcome).rejects.toThrow('stop');
  await closed.promise;
});

test('a service that ticks beyond its budget is told so, and cut off', async () => {
  const closed = Promise.withResolvers<void>();
  const { outcome, ticks } = await runOver(({ response }) => {
    response.once('close', closed.resolve);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(asLine({ type: 'tick' }).repeat(4));
  });
  await expect(outcome).rejects.toMatchObject({
    name: 'AgentError',
    message: 'the budget of 3 ticks is spent',
  });
  expect(ticks).toHaveLength(3);
  await closed.promise;
});

test('an event of a type that is not known is passed over', async () => {
  const { outcome } = await runOver((exchange) =>
    answer(exchange, [{ type: 'constructor' }, { type: 'x' }, result]),
  );
  expect(await outcome).toEqual(given);
});

test('neither the secret nor what the task holds is in the log', () => {
  expect(logged()).toContain('not known');
  for (const kept of [secret, secret.slice(6), 'grüezi', 'hälfte', 'almost', 'v1,'])
    expect(logged()).not.toContain(kept);
});
