import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createInstruments, labelSetsOf } from './instruments.ts';

const colours = ['red', 'green'] as const;
const sizes = ['small', 'large'] as const;

test('a counter is there as 0 in every combination of its labels, unless it is sparse', async () => {
  const registry = new Registry();
  const { counter } = createInstruments(registry);
  counter({ name: 'full_total', help: 'All.', labels: { colour: colours, size: sizes } }).inc({
    colour: 'red',
    size: 'large',
  });
  counter({ name: 'sparse_total', help: 'Few.', labels: { colour: colours }, sparse: true });
  const text = await registry.metrics();
  expect(
    [...text.matchAll(/^full_total\{(.*)\} (\d)$/gm)].map(([, labels, value]) => [labels, value]),
  ).toEqual([
    ['colour="red",size="small"', '0'],
    ['colour="red",size="large"', '1'],
    ['colour="green",size="small"', '0'],
    ['colour="green",size="large"', '0'],
  ]);
  expect(text).not.toMatch(/^sparse_total\{/m);
});

test('a histogram is there as 0 in the combinations that are asked for, and the first one observed is an increase', async () => {
  const registry = new Registry();
  const { histogram } = createInstruments(registry);
  const times = histogram({
    name: 'some_seconds',
    help: 'Some.',
    labels: { colour: colours, size: sizes },
    buckets: [1],
  });
  times.zero({ colour: 'red', size: 'large' });
  const lines = async () =>
    [...(await registry.metrics()).matchAll(/^some_seconds_(.*)$/gm)].map(([, line]) => line);
  const labels = 'colour="red",size="large"';
  expect(await lines()).toEqual([
    `bucket{le="1",${labels}} 0`,
    `bucket{le="+Inf",${labels}} 0`,
    `sum{${labels}} 0`,
    `count{${labels}} 0`,
  ]);
  times.observe({ colour: 'red', size: 'large' }, 0.5);
  expect(await lines()).toContain(`count{${labels}} 1`);
  expect(await lines()).toHaveLength(4);
});

test('a registry tells the closed sets of its metrics', () => {
  const registry = new Registry();
  const { gauge, histogram } = createInstruments(registry);
  gauge({ name: 'one', help: 'One.', labels: { colour: colours } });
  histogram({ name: 'two_seconds', help: 'Two.', buckets: [1] });
  expect(registry.getMetricsAsArray().map(labelSetsOf)).toEqual([{ colour: ['red', 'green'] }, {}]);
});

test('a gauge whose value nobody knows shows none, and then the next one', async () => {
  const registry = new Registry();
  const depth = createInstruments(registry).gauge({ name: 'depth', help: 'Deep.' });
  depth.set(3);
  depth.remove();
  expect(await registry.metrics()).not.toMatch(/^depth/m);
  depth.set(4);
  expect(await registry.metrics()).toMatch(/^depth 4$/m);
});

test('the compiler takes no label outside its set', () => {
  const { counter } = createInstruments(new Registry());
  const total = counter({ name: 'a_total', help: 'A.', labels: { colour: colours } });
  // @ts-expect-error no such colour
  total.inc({ colour: 'blue' });
  // @ts-expect-error a label is missing
  total.inc();
});
