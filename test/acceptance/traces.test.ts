import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Span } from '../../observability/trace-viewer/otlp.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { collectTraces } from './collected-traces.ts';

const secret = `secret-${randomUUID()}`;
let traces: Awaited<ReturnType<typeof collectTraces>>;
let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let agent: Awaited<ReturnType<typeof startAgent>>;

/** The service behind the http agent: it says nothing but what the test writes. */
async function startAgent() {
  const asked = Promise.withResolvers<{ headers: IncomingHttpHeaders; response: ServerResponse }>();
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    asked.resolve({ headers: request.headers, response });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { asked: asked.promise, port, close: () => server.close() };
}

/** The reconciler is not there until it is started, so that a read has something to sync. */
beforeAll(async () => {
  [traces, agent] = await Promise.all([collectTraces(), startAgent()]);
  const worker = {
    ...traces.env,
    AGENT: 'http',
    AGENT_HTTP_URL: `http://127.0.0.1:${agent.port}/${secret}`,
    AGENT_HTTP_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
  };
  tickwork = await startTickwork({
    services: ['api', 'worker'],
    extraEnv: { api: traces.env, reconciler: traces.env, worker },
  });
  user = await signIn(tickwork);
  await runTask();
}, 60_000);
afterAll(async () => {
  await tickwork?.close();
  agent?.close();
  traces?.close();
});

const traceOf = { submit: randomBytes(16).toString('hex'), sync: '', end: '' };
const clientSpan = 'b7ad6b7169203331';
let task: TaskJson;
let agentHeaders: IncomingHttpHeaders;

async function readIn(): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  await user.call(`/tasks/${task.correlation_id}`, {
    headers: { traceparent: `00-${traceId}-${clientSpan}-01` },
  });
  return traceId;
}

/** Submit, the first tick, a read that syncs it, the end, the reconciler's sync, and a read that finds it done. */
async function runTask(): Promise<void> {
  const redis = new Redis(tickwork.redis.url);
  const submitted = await user.call('/tasks', {
    method: 'POST',
    body: JSON.stringify({ mandate: secret }),
    headers: { traceparent: `00-${traceOf.submit}-${clientSpan}-01` },
  });
  task = (await submitted.json()) as TaskJson;
  const { headers, response } = await agent.asked;
  agentHeaders = headers;
  const tell = (event: object) => response.write(`${JSON.stringify(event)}\n`);
  const field = (name: string) => redis.hget(`task:${task.correlation_id}`, name);
  tell({ type: 'tick', notes: secret });
  await waitFor('the first tick in Redis', async () => (await field('tick')) === '1');
  traceOf.sync = await readIn();
  tell({ type: 'tick', notes: secret });
  tell({ type: 'result', success: true, deliverables: [secret], notes: secret });
  response.end();
  await waitFor('the end in Redis', async () => (await field('status')) === 'completed');
  await tickwork.start('reconciler');
  await waitFor('the end in Supabase', async () => {
    const { data } = await user.supabase.from('tasks').select('status').eq('id', task.id).single();
    return data?.status === 'completed';
  });
  // Until then a read finds Redis ahead, and syncs it once more.
  await waitFor('Redis to know', async () => (await field('synced_at')) === (await field('updated_at')));
  redis.disconnect();
  traceOf.end = await readIn();
  await waitFor('the spans of the last read', () => within(traceOf.end).length > 0);
  await waitFor('the spans of the sync', () => named('sync tasks').length > 0);
}

const within = (traceId: string) => traces.spans().filter((span) => span.traceId === traceId);
const named = (name: string, spans = traces.spans()) => spans.filter((span) => span.name === name);

/** The only one of this name in the trace. */
function only(name: string, traceId: string): Span {
  const found = named(name, within(traceId));
  expect(found.map(({ name: each }) => each)).toEqual([name]);
  return found[0] as Span;
}

const namesUnder = ({ traceId, spanId }: Span) =>
  within(traceId)
    .filter(({ parentSpanId }) => parentSpanId === spanId)
    .map(({ name }) => name)
    .toSorted();

test('one trace has the task from its submit through publish, claim, ticks and the agent’s call to its end', () => {
  const { submit: traceId } = traceOf;
  const post = only('POST /tasks', traceId);
  expect(post).toMatchObject({ service: 'tickwork-gateway', kind: 'server', parentSpanId: clientSpan });
  expect(post.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/tasks',
    'http.response.status_code': 202,
    'url.path': '/tasks',
    'url.scheme': 'http',
    'tickwork.task.correlation_id': task.correlation_id,
  });
  const { queue } = tickwork;
  expect(namesUnder(post)).toEqual([
    'insert supabase',
    'schedule_dispatch redis',
    'seed redis',
    `send ${queue}`,
  ]);
  const send = only(`send ${queue}`, traceId);
  const messaging = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': queue };
  expect(send).toMatchObject({ kind: 'producer', parentSpanId: post.spanId });
  expect(send.attributes).toMatchObject({ ...messaging, 'messaging.operation.type': 'send' });
  const consumed = only(`process ${queue}`, traceId);
  expect(consumed).toMatchObject({ service: 'tickwork-worker', kind: 'consumer', parentSpanId: send.spanId });
  expect(consumed.attributes).toMatchObject({ ...messaging, 'messaging.operation.type': 'process' });
  const under = namesUnder(consumed);
  expect(under.filter((name) => name !== 'report redis')).toEqual([
    'POST',
    'claim redis',
    'end redis',
    'tick',
    'tick',
  ]);
  expect(under).toContain('report redis');
  expect(only('end redis', traceId)).toMatchObject({
    kind: 'client',
    attributes: { 'db.system.name': 'redis', 'db.operation.name': 'end' },
  });
  expect(within(traceId).every(({ failed }) => !failed)).toBe(true);
});

test('no span is open while the agent works, and each tick says how long it took', () => {
  const spans = within(traceOf.submit).filter(({ service }) => service === 'tickwork-worker');
  const ticks = spans.filter(({ name }) => name === 'tick');
  expect(ticks.map(({ attributes }) => attributes['tickwork.task.tick'])).toEqual([1, 2]);
  const [, second] = ticks;
  // Between them came a read.
  expect(second?.durationMs).toBeGreaterThan(5);
  expect(second?.durationMs).toBeLessThan(30_000);
  const names = new Set(spans.map(({ name }) => name));
  expect(names).not.toContain('run agent');
  expect(names).not.toContain('heartbeat redis');
});

test('the agent’s service is told the span of its call', () => {
  const call = only('POST', traceOf.submit);
  expect(agentHeaders['traceparent']).toBe(`00-${traceOf.submit}-${call.spanId}-01`);
  expect(call).toMatchObject({
    kind: 'client',
    attributes: {
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'server.port': agent.port,
      'http.response.status_code': 200,
    },
  });
});

test('a sync on read lies under its GET, and both are linked to the task’s trace', () => {
  const get = only('GET /tasks/:id', traceOf.sync);
  const sync = only('sync task', traceOf.sync);
  const post = only('POST /tasks', traceOf.submit);
  const link = { traceId: traceOf.submit, spanId: post.spanId };
  expect(get).toMatchObject({ kind: 'server', parentSpanId: clientSpan, links: [link] });
  expect(sync).toMatchObject({ parentSpanId: get.spanId, links: [link] });
  expect(namesUnder(sync)).toEqual(['sync supabase']);
});

test('the reconciler’s batch is linked to the trace of each task that it syncs, as is the GET that saw it', () => {
  const post = only('POST /tasks', traceOf.submit);
  const link = { traceId: traceOf.submit, spanId: post.spanId };
  const batch = named('sync tasks').find(({ links }) => links.length > 0);
  expect(batch).toMatchObject({ service: 'tickwork-reconciler', parentSpanId: null, links: [link] });
  expect(namesUnder(batch as Span)).toEqual(['sync_batch supabase']);
  const get = only('GET /tasks/:id', traceOf.end);
  expect(get).toMatchObject({ links: [link] });
  expect(namesUnder(get)).not.toContain('sync task');
});

test('nothing of what the user wrote, or the agent made of it, is in any span', () => {
  expect(traces.spans().length).toBeGreaterThan(15);
  for (const hidden of [secret, user.token]) expect(traces.text()).not.toContain(hidden);
});

test('each line of the worker about the task names its trace', () => {
  const lines = tickwork
    .log('worker')
    .split('\n')
    .filter((line) => line.includes(task.correlation_id))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const process = only(`process ${tickwork.queue}`, traceOf.submit);
  expect(lines.map(({ msg }) => msg)).toEqual([
    'task claimed',
    'status changed',
    'status changed',
    'task left',
  ]);
  for (const line of lines) {
    expect(line).toMatchObject({ trace_id: traceOf.submit, span_id: process.spanId });
  }
});
