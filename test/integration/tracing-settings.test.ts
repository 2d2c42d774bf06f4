import { expect, onTestFinished, test } from 'vitest';
import { collectTraces } from '../acceptance/collected-traces.ts';
import { emitSpans, newTraceId, type SpanToEmit } from '../observability/spans.ts';

/** What comes of the spans, with these variables beside the endpoint's. */
async function exported(env: Readonly<Record<string, string>>, ...spans: SpanToEmit[]) {
  const traces = await collectTraces();
  onTestFinished(traces.close);
  await emitSpans({ ...traces.env, ...env }, spans);
  return traces.spans();
}
const roots = (count: number): SpanToEmit[] => Array.from({ length: count }, () => ({ name: 'POST /tasks' }));

test('what takes traces says where it can’t listen', async () => {
  const first = await collectTraces();
  onTestFinished(first.close);
  await expect(collectTraces(first.port)).rejects.toThrow('EADDRINUSE');
});

test('every trace is sampled, unless OTEL_TRACES_SAMPLER says otherwise', async () => {
  expect(await exported({}, ...roots(20))).toHaveLength(20);
  expect(await exported({ OTEL_TRACES_SAMPLER: 'always_off' }, ...roots(20))).toHaveLength(0);
});

test('OTEL_TRACES_SAMPLER_ARG is the share of traces', async () => {
  const ratio = (share: string) => ({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: share });
  expect(await exported(ratio('0'), ...roots(200))).toHaveLength(0);
  expect(await exported(ratio('1'), ...roots(200))).toHaveLength(200);
  const { length } = await exported(ratio('0.5'), ...roots(200));
  // Beyond seven standard deviations.
  expect(length).toBeGreaterThan(50);
  expect(length).toBeLessThan(150);
});

test('with a sampler by the parent, a trace that began elsewhere stays whole', async () => {
  const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
  const traceId = newTraceId();
  const spans = await exported(env, { name: 'process tasks', traceId }, ...roots(20));
  expect(spans.map((span) => span.traceId)).toEqual([traceId]);
});

test('OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say whose spans they are', async () => {
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,k8s.pod.name=worker-1',
    OTEL_SERVICE_NAME: 'tickwork-staging-worker',
  };
  const [span] = await exported(env, ...roots(1));
  expect(span?.resource).toMatchObject({
    'deployment.environment.name': 'staging',
    'k8s.pod.name': 'worker-1',
    'service.name': 'tickwork-staging-worker',
  });
  const [named] = await exported({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=billing' }, ...roots(1));
  expect(named?.service).toBe('billing');
  const [unnamed] = await exported({}, ...roots(1));
  expect(unnamed?.service).toBe('tickwork-test');
});

test.each<[string, Record<string, string>]>([
  ['the detectors leave the environment out', { OTEL_NODE_RESOURCE_DETECTORS: 'host' }],
  ['the list of attributes is broken', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,team' }],
  ['the name in the list is empty', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=' }],
])('the process keeps its own name where %s', async (_where, env) => {
  const [span] = await exported(env, ...roots(1));
  expect(span?.service).toBe('tickwork-test');
});

test('a name from the environment counts also where the detectors leave the environment out', async () => {
  const env = { OTEL_NODE_RESOURCE_DETECTORS: 'host', OTEL_SERVICE_NAME: 'billing' };
  const [span] = await exported(env, ...roots(1));
  expect(span?.service).toBe('billing');
});
