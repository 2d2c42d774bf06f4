import { expect, test } from 'vitest';
import type { Span } from './otlp.ts';
import { spanOf } from './span.harness.ts';
import { createTraceStore } from './store.ts';

const sizeOf = (span: Span) => Buffer.byteLength(JSON.stringify(span));
const spanId = (index: number) => String(index).padStart(16, '0');
const ids = (store: ReturnType<typeof createTraceStore>) => store.all().map(({ traceId }) => traceId);
/** As large as each other. */
const several = (traceId: string, count: number, given: Partial<Span> = {}) =>
  Array.from({ length: count }, (_, index) =>
    spanOf({ traceId, spanId: spanId(index), parentSpanId: spanId(1000), ...given }),
  );
const roomFor = (spans: number) => spans * sizeOf(several('t0', 1)[0] as Span);

test('the trace that got no span for longest goes first, as a whole', () => {
  const store = createTraceStore({ maxBytes: roomFor(20) });
  for (let index = 0; index < 10; index++) store.add(several(`t${index}`, 2));
  expect(ids(store)).toHaveLength(10);
  store.add([...several('t0', 1)]);
  expect(store.get('t0')?.spans).toHaveLength(2);
  store.add(several('t+', 1));
  expect(ids(store)).toEqual(['t2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't0', 't+']);
  expect(store.get('t1')).toBeUndefined();
});

test('a large span takes the place of many; what is sent again counts once', () => {
  const store = createTraceStore({ maxBytes: roomFor(20) });
  for (let index = 0; index < 10; index++) store.add(several(`t${index}`, 2));
  const large = several('large', 1, { attributes: { text: 'é'.repeat(roomFor(7)) } });
  for (let time = 0; time < 3; time++) store.add(large);
  const left = store.all().flatMap(({ spans }) => spans);
  expect(ids(store)).toEqual(['t8', 't9', 'large']);
  expect(left.reduce((sum, span) => sum + sizeOf(span), 0)).toBeLessThanOrEqual(roomFor(20));
});

test('no trace takes the place of all others: it loses its oldest, but no root and nothing that failed', () => {
  const store = createTraceStore({ maxBytes: roomFor(100) });
  store.add(several('other', 5));
  const endless = several('t0', 1000);
  const root = spanOf({ ...endless[0], parentSpanId: null });
  const failed = spanOf({ ...endless[1], failed: true });
  const late = spanOf({ ...endless[998], failed: true });
  store.add([root, failed, ...endless.slice(2, 998), late, ...endless.slice(999)]);
  const { spans = [], dropped = 0 } = store.get('t0') ?? {};
  expect(spans).toEqual(expect.arrayContaining([root, failed, late, endless[999], endless[997]]));
  expect(spans).toHaveLength(10);
  expect(dropped).toBe(990);
  expect(ids(store)).toEqual(['other', 't0']);
});

test('a trace in which all fail keeps its root and the newest', () => {
  const store = createTraceStore({ maxBytes: roomFor(100) });
  const [first, ...rest] = several('t0', 100, { failed: true });
  const root = spanOf({ ...first, parentSpanId: null });
  store.add([root, ...rest]);
  expect(store.get('t0')?.spans).toEqual(expect.arrayContaining([root, rest[98]]));
  expect(store.get('t0')?.dropped).toBeGreaterThan(80);
});
