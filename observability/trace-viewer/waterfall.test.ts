import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Span } from './otlp.ts';
import { spanOf } from './span.harness.ts';
import { rootsOf, waterfall } from './waterfall.ts';

const span = (spanId: string, parentSpanId: string | null, startMs: number, durationMs = 10) =>
  spanOf({ spanId, parentSpanId, startMs, durationMs });
const shape = (spans: readonly Span[]) =>
  waterfall(spans).map(({ span: { spanId }, depth, oddity }) => [spanId, depth, oddity]);

test('spans lie under their parents, siblings by their start, whatever the order in which they came', () => {
  const spans = [
    span('d', 'b', 1040),
    span('c', 'a', 1050),
    span('b', 'a', 1020, 40),
    span('a', null, 1000, 100),
  ];
  expect(shape(spans)).toEqual([
    ['a', 0, null],
    ['b', 1, null],
    ['d', 2, null],
    ['c', 1, null],
  ]);
  expect(waterfall(spans).map(({ offset, width }) => [offset, width])).toEqual([
    [0, 1],
    [0.2, 0.4],
    [0.4, 0.1],
    [0.5, 0.1],
  ]);
});

test('a span without its parent is at the top, and says so', () => {
  const spans = [span('a', 'away', 1000), span('b', 'a', 1001), span('c', 'gone', 900)];
  expect(shape(spans)).toEqual([
    ['c', 0, 'orphan'],
    ['a', 0, 'orphan'],
    ['b', 1, null],
  ]);
  expect(rootsOf(spans).map(({ spanId }) => spanId)).toEqual(['c', 'a']);
});

test('a cycle is shown once, from its earliest span', () => {
  const own = span('x', 'x', 5000);
  const spans = [span('a', null, 1000), span('b', 'c', 1002), span('c', 'b', 1001), own];
  expect(shape(spans)).toEqual([
    ['a', 0, null],
    ['c', 0, 'cycle'],
    ['b', 1, null],
    ['x', 0, 'cycle'],
  ]);
  expect(rootsOf([own])).toEqual([own]);
});

test('a host whose clock is behind stretches the trace, and its span says so', () => {
  const rows = waterfall([span('a', null, 1000, 50), span('b', 'a', 950, 25)]);
  expect(rows).toMatchObject([
    { offset: 0.5, width: 0.5, oddity: null },
    { offset: 0, width: 0.25, oddity: 'early' },
  ]);
});

test('a trace of no time, and one deeper than the stack', () => {
  expect(waterfall([span('a', null, 1000, 0)])).toMatchObject([{ offset: 0, width: 1 }]);
  expect(waterfall([])).toEqual([]);
  const deep = Array.from({ length: 50_000 }, (_, index) => span(`${index}`, `${index - 1}`, 1000));
  expect(waterfall(deep).at(-1)).toMatchObject({ depth: 49_999 });
});

test('every span is there once and in the picture, whatever the parents and clocks', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const one = fc.record({
    spanId: id,
    parentSpanId: fc.option(id),
    startMs: fc.nat(1e13),
    durationMs: fc.nat(1e9),
  });
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ spanId }) => spanId }), (given) => {
      const rows = waterfall(given.map(spanOf));
      const ids = rows.map((row) => row.span.spanId);
      expect(ids.toSorted()).toEqual(given.map(({ spanId }) => spanId).toSorted());
      for (const { offset, width } of rows) {
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(width).toBeGreaterThanOrEqual(0);
        expect(offset + width).toBeLessThanOrEqual(1 + 1e-6);
      }
    }),
  );
});
