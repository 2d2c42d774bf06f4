import { expect, test } from 'vitest';
import { readQueries } from '../../observability/panels.ts';
import { ruleGroups } from '../../observability/rules.ts';
import { scaleDuration, scaleGroups, scaleQuery } from './scaled-rules.ts';

test.each([
  ['30s', '1000ms'],
  ['5m', '10000ms'],
  ['1h', '120000ms'],
  ['30d', '86400000ms'],
])('%s becomes %s', (duration, scaled) => {
  expect(scaleDuration(duration)).toBe(scaled);
});

test.each(['', '5', '1h30m', '1w', '1h:5m', '1.5h', '$__rate_interval'])('%j is no duration', (duration) => {
  expect(() => scaleDuration(duration)).toThrow('no duration that can be scaled');
});

test.each([
  ['rate(a{le=~"1([.]0)?"}[5m])', 'rate(a{le=~"1([.]0)?"}[10000ms])'],
  ['time() - max by (pass) (a_seconds) > 300', 'time() - max by (pass) (a_seconds) > 10'],
  ['unless time() - a < 900', 'unless time() - a < 30'],
  ['a{state!="closed",le>"300"} > 0', 'a{state!="closed",le>"300"} > 0'],
  ['rate(a[10m]) > 0.01 * rate(b[10m])', 'rate(a[20000ms]) > 0.01 * rate(b[20000ms])'],
  ['(a > 0) - time() < 14 * 86400', '(a > 0) - time() < 14 * 86400'],
  ['tickwork:x:error_ratio_1h > 0.0144', 'tickwork:x:error_ratio_1h > 0.0144'],
])('%s becomes %s', (query, scaled) => {
  expect(scaleQuery(query)).toBe(scaled);
});

test.each([
  ['a > 120', 'whether 120 is a time'],
  ['a < 2 * 300', 'whether 2 * 300 is a time'],
  ['a > b', '> compares with something else'],
  ['rate(a[1h:5m])', '1h:5m is no duration'],
  ['a offset 5m', 'offset is not known'],
  ['a @ 1', '@ is not known'],
])('%s is refused', (query, reason) => {
  expect(() => scaleQuery(query)).toThrow(reason);
});

test('every rule of the chart and every query of a panel can be scaled, and nothing else of a rule changes', () => {
  const groups = ruleGroups();
  const timeless = (all: object) =>
    JSON.stringify(all, (key, value) => (['for', 'interval', 'expr'].includes(key) ? null : value));
  expect(timeless(scaleGroups(groups))).toBe(timeless(groups));
  expect(JSON.stringify(scaleGroups(groups))).not.toMatch(/\[\d+[smhd]\]/);
  for (const { query } of readQueries('2m')) expect(scaleQuery(query)).not.toMatch(/\[\d+[smhd]\]/);
});

test('a field that is not known is refused', () => {
  const group = { name: 'a', limit: 5, rules: [] };
  expect(() => scaleGroups([group])).toThrow('whether the field limit is a time');
  const rule = { alert: 'A', expr: 'a > 0', keep_firing_for: '5m' };
  expect(() => scaleGroups([{ name: 'a', rules: [rule] }])).toThrow('the field keep_firing_for');
});
