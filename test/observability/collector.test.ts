import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { collectTraces } from '../acceptance/collected-traces.ts';
import { waitFor } from '../stack/wait-for.ts';
import { validateConfig, whyNoCollector } from './collector.ts';
import { arrival, judged, namesOf, type Pipeline, startPipeline } from './pipeline.ts';
import { emitSpans, newTraceId, type SpanToEmit } from './spans.ts';

const missing = whyNoCollector();
if (missing) process.stderr.write(`THE COLLECTOR'S TESTS DID NOT RUN: ${missing}\n`);

describe.skipIf(missing !== null)('the collector with the production config', () => {
  test('takes it as it is, and not without a backend', () => {
    const given = validateConfig({ OTLP_BACKEND_ENDPOINT: 'https://tempo.example.com' });
    expect(given).toEqual({ valid: true, says: '' });
    const without = validateConfig({});
    expect(without.valid).toBe(false);
    expect(without.says).toContain('endpoint');
  });

  describe('without a share of the others', () => {
    let pipeline: Pipeline;
    beforeAll(async () => {
      pipeline = await startPipeline({ SAMPLED_PERCENT: '0', DECISION_WAIT: '1h', WAITING_TRACES: '10' });
    });
    afterAll(() => pipeline?.close());

    test.each<[string, SpanToEmit]>([
      ['an error', { name: 'chat model', error: 'lost' }],
      ['a slow call', { name: 'claim redis', attributes: { 'db.system.name': 'redis' }, seconds: 2 }],
      ['a slow send', { name: 'send tasks', attributes: { 'messaging.system': 'rabbitmq' }, seconds: 2 }],
      ['a slow request', { name: 'POST /tasks', kind: 'SERVER', seconds: 2 }],
    ])('a trace with %s comes whole: what was before, and what comes of it later', async (_what, span) => {
      const { backend, emit } = pipeline;
      const traceId = newTraceId();
      await emit({ traceId, name: 'before' });
      await emit({ ...span, traceId }, { traceId, name: 'beside' });
      await arrival(backend, traceId, 'before', span.name, 'beside');
      // More others than may wait.
      const others = Array.from({ length: 20 }, () => ({ traceId: newTraceId(), name: 'other' }));
      await emit(...others, { traceId, name: 'later' });
      await arrival(backend, traceId, 'later');
    });

    test('others do not: quick ones, an agent’s long ticks and calls, reads that wait for news', async () => {
      const { backend, emit } = pipeline;
      const spans: SpanToEmit[] = [
        { name: 'claim redis', attributes: { 'db.system.name': 'redis' } },
        { name: 'POST /tasks', kind: 'SERVER' },
        { name: 'tick', seconds: 600 },
        { name: 'chat model', kind: 'CLIENT', seconds: 60 },
        { name: 'GET /tasks/:id', kind: 'SERVER', seconds: 30 },
        { name: 'HEAD /tasks/:id', kind: 'SERVER', seconds: 30 },
        { name: 'GET /tasks/:id/events', kind: 'SERVER', seconds: 3600 },
      ];
      const traces = spans.map((span) => ({ ...span, traceId: newTraceId() }));
      await emit(...traces);
      await judged(pipeline);
      expect(traces.filter(({ traceId }) => namesOf(backend, traceId).length > 0)).toEqual([]);
    });

    test('spans by gRPC too', async () => {
      const traceId = newTraceId();
      const grpc = {
        OTEL_EXPORTER_OTLP_ENDPOINT: pipeline.collector.grpcEndpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      };
      await emitSpans(grpc, [{ traceId, name: 'POST /tasks', error: 'lost' }]);
      await arrival(pipeline.backend, traceId, 'POST /tasks');
    });
  });

  describe('with all of the others', () => {
    let pipeline: Pipeline;
    beforeAll(async () => {
      const headers = '{authorization: Bearer key, x-scope: tickwork}';
      pipeline = await startPipeline({ SAMPLED_PERCENT: '100', OTLP_BACKEND_HEADERS: headers });
    });
    afterAll(() => pipeline?.close());

    test('every trace comes, to the backend with its headers', async () => {
      const { backend, emit } = pipeline;
      const traceIds = Array.from({ length: 20 }, newTraceId);
      await emit(...traceIds.map((traceId) => ({ traceId, name: 'POST /tasks' })));
      for (const traceId of traceIds) await arrival(backend, traceId, 'POST /tasks');
      expect(backend.headers()[0]).toMatchObject({ authorization: 'Bearer key', 'x-scope': 'tickwork' });
    });

    test('Prometheus can read how it goes', async () => {
      await pipeline.emit({ traceId: newTraceId(), name: 'POST /tasks' });
      const metrics = await waitFor('its metrics', pipeline.collector.metrics);
      expect(metrics).toMatch(/^otelcol_receiver_accepted_spans\S* [1-9]/m);
      expect(metrics).toMatch(/^otelcol_exporter_queue_capacity\S* 50000$/m);
    });
  });

  test('a task that fails long after its spans were dropped comes from there on', async () => {
    const pipeline = await startPipeline({ SAMPLED_PERCENT: '0', DECISION_WAIT: '1s' });
    onTestFinished(pipeline.close);
    const { backend, collector, emit } = pipeline;
    const traceId = newTraceId();
    await emit({ traceId, name: 'POST /tasks' });
    await judged(pipeline);
    await waitFor('the end of the wait', async () =>
      /traces_on_memory\S* 0$/m.test(await collector.metrics()),
    );
    await emit({ traceId, name: 'report redis', error: 'lost' });
    await arrival(backend, traceId, 'report redis');
    await emit({ traceId, name: 'end redis' });
    await arrival(backend, traceId, 'end redis');
    expect(namesOf(backend, traceId)).toEqual(['end redis', 'report redis']);
  });

  test('nothing is lost while the backend is away', async () => {
    const { backend, collector, emit, close } = await startPipeline({ SAMPLED_PERCENT: '100' });
    onTestFinished(close);
    backend.close();
    const traceIds = Array.from({ length: 20 }, newTraceId);
    await emit(...traceIds.map((traceId) => ({ traceId, name: 'POST /tasks' })));
    await waitFor('a failed try', () => collector.log().includes('Exporting failed'));
    const back = await collectTraces(backend.port);
    onTestFinished(back.close);
    for (const traceId of traceIds) await arrival(back, traceId, 'POST /tasks');
  });

  test('SIGTERM sends what still waits to be sent', async () => {
    const { backend, collector, emit, close } = await startPipeline({ SAMPLED_PERCENT: '100' });
    onTestFinished(close);
    const traceId = newTraceId();
    await emit({ traceId, name: 'POST /tasks' });
    await collector.stop();
    expect(namesOf(backend, traceId)).toEqual(['POST /tasks']);
  });
});
