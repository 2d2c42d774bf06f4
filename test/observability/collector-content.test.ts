import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoCollector } from './collector.ts';
import { arrival, type Pipeline, startPipeline } from './pipeline.ts';
import { emitSpans, newTraceId, type SpanToEmit } from './spans.ts';

/** Of a library's. */
const mayHoldContent = [
  'ai.prompt.messages',
  'ai.response.text',
  'ai.toolCall.args',
  'db.connection_string',
  'db.query.text',
  'db.statement',
  'error.message',
  'exception.message',
  'exception.stacktrace',
  'gen_ai.choice',
  'gen_ai.input.messages',
  'gen_ai.prompt.0.content',
  'gen_ai.tool.call.arguments',
  'http.request.header.authorization',
  'http.url',
  'input.value',
  'network.peer.address',
  'retrieval.documents.0.document.content',
  'traceloop.entity.output',
  'url.full',
  'url.query',
];

/** What the services put into spans, by the names in their source. */
function ownAttributes(): string[] {
  const files = globSync('services/*/src/**/*.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  );
  const name = /'((?:http|url|db|messaging|gen_ai|server|error|tickwork)\.[a-z_.]+)'/g;
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(name)].map(([, found]) => found ?? ''),
  );
}

const root = resolve(import.meta.dirname, '../..');
describe.skipIf(whyNoCollector() !== null)('what leaves the collector with the production config', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({ SAMPLED_PERCENT: '100' });
  });
  afterAll(() => pipeline?.close());

  test.each<[string, Partial<SpanToEmit>]>([
    ['an exception', { error: 'message' }],
    ['no event', {}],
  ])('no attribute that may hold content comes of a span with %s', async (_with, more) => {
    const { backend, emit } = pipeline;
    const traceId = newTraceId();
    const hidden = Object.fromEntries(mayHoldContent.map((name) => [name, `secret of ${name}`]));
    const attributes = { ...hidden, 'http.route': '/tasks', 'error.type': 'Error' };
    await emit({ traceId, name: 'POST /tasks', attributes, ...more });
    await arrival(backend, traceId, 'POST /tasks');
    const span = backend.spans().find((each) => each.traceId === traceId);
    expect(span?.attributes).toEqual({ 'http.route': '/tasks', 'error.type': 'Error' });
    expect(backend.text()).not.toContain('secret of');
  });

  test('of an exception comes its type, and no message', async () => {
    const { backend, emit } = pipeline;
    const secret = `secret-${randomUUID()}`;
    const traceId = newTraceId();
    await emit({ traceId, name: 'POST /tasks', error: secret });
    await arrival(backend, traceId, 'POST /tasks');
    expect(backend.spans().find((each) => each.traceId === traceId)).toMatchObject({ failed: true });
    expect(backend.text()).toContain('exception.type');
    expect(backend.text()).not.toContain(secret);
  });

  test('of a library’s span no content comes: neither attributes, nor what an event is called, nor links', async () => {
    const { backend, emit } = pipeline;
    const secret = `secret-${randomUUID()}`;
    const traceId = newTraceId();
    await emit({ traceId, name: 'tick', library: secret });
    await arrival(backend, traceId, 'tick', 'library');
    const span = backend.spans().find((each) => each.traceId === traceId && each.name === 'library');
    expect(span).toMatchObject({ attributes: { 'db.system.name': 'postgresql' }, links: [] });
    expect(backend.text()).toContain('"name":"event"');
    expect(backend.text()).not.toContain(secret);
  });

  test('every attribute that Tickwork sets comes', async () => {
    const { backend, emit } = pipeline;
    const traceId = newTraceId();
    const own = ownAttributes();
    expect(own).toContain('tickwork.task.correlation_id');
    const attributes = Object.fromEntries(own.map((name) => [name, 'x']));
    await emit({ traceId, name: 'POST /tasks', kind: 'SERVER', attributes });
    await arrival(backend, traceId, 'POST /tasks');
    const span = backend.spans().find((each) => each.traceId === traceId);
    expect(span?.attributes).toEqual(attributes);
  });

  test('of a process comes what it is and where it runs, and nothing else', async () => {
    const { backend, collector } = pipeline;
    const secret = `secret-${randomUUID()}`;
    const traceId = newTraceId();
    const shown = {
      'deployment.environment.name': 'staging',
      'k8s.pod.name': 'worker-1',
      'cloud.region': 'eu-1',
      'host.name': 'worker-1',
    };
    const hidden = { owner: secret, 'process.command_line': secret, 'k8s.pod.annotation.note': secret };
    const list = Object.entries({ ...shown, ...hidden }).map(([name, value]) => `${name}=${value}`);
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_RESOURCE_ATTRIBUTES: list.join(','),
    };
    await emitSpans(env, [{ traceId, name: 'POST /tasks' }]);
    await arrival(backend, traceId, 'POST /tasks');
    const span = backend.spans().find((each) => each.traceId === traceId);
    expect(span?.resource).toMatchObject({ ...shown, 'service.name': 'tickwork-test' });
    expect(Object.keys(span?.resource ?? {})).toContain('process.pid');
    expect(backend.text()).not.toContain(secret);
    expect(backend.text()).not.toContain('process.command');
  });
});
