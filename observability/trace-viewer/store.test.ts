import { expect, test } from 'vitest';
import { spanOf } from './span.harness.ts';
import { createTraceStore } from './store.ts';

const ids = (store: ReturnType<typeof createTraceStore>) => store.all().map(({ traceId }) => traceId);
const several = (traceId: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => spanOf({ traceId, spanId: `${from + index}` }));

test('the trace that got no span for longest goes first, as a whole', () => {
  const store = createTraceStore({ maxSpans: 20 });
  for (let index = 0; index < 10; index++) store.add(several(`t${index}`, 2));
  expect(ids(store)).toHaveLength(10);
  store.add([spanOf({ traceId: 't0', spanId: '1', name: 'again' })]);
  store.add(several('new', 1));
  expect(ids(store)).toEqual(['t2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't0', 'new']);
  expect(store.get('t1')).toBeUndefined();
  expect(store.get('t0')?.spans).toHaveLength(2);
});

test('no trace takes the place of all others: what it has too many of is counted', () => {
  const store = createTraceStore({ maxSpans: 100 });
  store.add(several('other', 10));
  for (let from = 0; from < 1000; from += 100) store.add(several('endless', 100, from));
  expect(store.get('endless')).toMatchObject({ spans: { length: 10 }, refused: 990 });
  expect(ids(store)).toEqual(['other', 'endless']);
});

test('a span that comes twice counts once, and its last state stays', () => {
  const store = createTraceStore({ maxSpans: 10 });
  for (const name of ['first', 'second']) store.add([spanOf({ traceId: 't', spanId: 's', name })]);
  expect(store.get('t')?.spans).toEqual([spanOf({ traceId: 't', spanId: 's', name: 'second' })]);
  store.add(Array.from({ length: 9 }, (_, index) => spanOf({ traceId: `${index}`, spanId: 's' })));
  expect(ids(store)).toHaveLength(10);
});
