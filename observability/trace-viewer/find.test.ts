import { expect, test } from 'vitest';
import { type Filter, findTraces, linksFrom, linksTo, servicesOf } from './find.ts';
import type { Span } from './otlp.ts';
import { spanOf } from './span.harness.ts';

const trace = (traceId: string, ...spans: Partial<Span>[]) => ({
  traceId,
  spans: spans.map((one, index) => spanOf({ traceId, spanId: `${index}`, ...one })),
  dropped: 0,
});
const task = { 'tickwork.task.correlation_id': 'c1' };
const submit = trace(
  'submit',
  { name: 'insert', parentSpanId: '1', startMs: 1010, durationMs: 100, attributes: task },
  { name: 'POST /tasks', startMs: 1000 },
  { name: 'process', service: 'worker', parentSpanId: '1', startMs: 1500, failed: true },
);
const links = [{ traceId: 'submit', spanId: '1' }];
const sync = trace('sync', { name: 'sync tasks', service: 'reconciler', startMs: 3000, links });
const read = trace(
  'read',
  { name: 'GET /tasks/:id', startMs: 4000, links, attributes: task },
  { name: 'sync task', parentSpanId: '0', startMs: 4001, links },
);
const traces = [submit, sync, read];

const found = (filter: Partial<Filter>) =>
  findTraces(traces, { service: '', failed: false, correlationId: '', ...filter }).map((one) => one.traceId);

test('a trace is told by its root, from its first start to its last end', () => {
  expect(findTraces([submit], { service: '', failed: false, correlationId: '' })).toEqual([
    {
      ...{ traceId: 'submit', name: 'POST /tasks', service: 'gateway', spans: 3, failed: true },
      ...{ startMs: 1000, durationMs: 510 },
    },
  ]);
  expect(servicesOf(traces)).toEqual(['gateway', 'reconciler', 'worker']);
});

test.each<[Partial<Filter>, string[]]>([
  [{}, ['read', 'sync', 'submit']],
  [{ service: 'worker' }, ['submit']],
  [{ service: 'gateway' }, ['read', 'submit']],
  [{ failed: true }, ['submit']],
  [{ correlationId: 'c1' }, ['submit', 'read']],
  [{ correlationId: 'c1', service: 'reconciler' }, []],
  [{ correlationId: 'c' }, []],
])('of %o there are %o, newest first, and those of a task from its submit on', (filter, expected) => {
  expect(found(filter)).toEqual(expected);
});

test('links are known in both directions, with the spans that have them', () => {
  const find = (traceId: string) => traces.find((one) => one.traceId === traceId);
  expect(linksFrom(read, find)).toMatchObject([
    { traceId: 'submit', summary: { name: 'POST /tasks' }, by: ['GET /tasks/:id', 'sync task'] },
  ]);
  expect(linksFrom(sync, () => undefined)).toEqual([
    { traceId: 'submit', summary: null, by: ['sync tasks'] },
  ]);
  expect(linksFrom(submit, find)).toEqual([]);
  expect(linksTo(submit, traces).map(({ traceId, by }) => [traceId, by])).toEqual([
    ['read', ['GET /tasks/:id', 'sync task']],
    ['sync', ['sync tasks']],
  ]);
  expect(linksTo(sync, traces)).toEqual([]);
});
