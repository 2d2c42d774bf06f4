import { expect, test } from 'vitest';
import { selectorsOf } from '../../observability/queries.ts';
import { knownSeries, panelProblem, unboundedLabels, userText } from './evaluation.ts';

const curve = (metric: Record<string, string>, ...values: string[]) => ({
  metric,
  values: values.map((value, at) => [at, value] as const),
});

test.each([
  ['age', [], 'is empty'],
  ['age', [curve({}, 'NaN', '+Inf')], 'has no finite value'],
  ['{{pass}}', [curve({}, '0')], 'has no curve with the labels pass'],
  ['{{pass}}: {{finding}}', [curve({ pass: 'scan' }, '0')], 'has no curve with the labels pass, finding'],
  ['{{pass}}', [curve({}, '0'), curve({ pass: 'scan' }, 'NaN')], 'has no curve with the labels pass'],
  ['{{pass}}', [curve({}, '0'), curve({ pass: 'scan' }, 'NaN', '1')], null],
  ['age', [curve({}, 'NaN', '0')], null],
])('a panel with the legend %s and %j %s', (legend, curves, problem) => {
  expect(panelProblem(legend, curves)).toBe(problem);
});

const requests = 'tickwork_http_request_duration_seconds_bucket';
const target = { instance: '127.0.0.1:1', job: 'tickwork', namespace: 'a', pod: 'api' };

test('a label outside of its closed set is found, and those of the target are not', () => {
  const labels = { __name__: requests, ...target, method: 'GET', status: '2xx', le: '0.5' };
  const series = [
    { ...labels, route: '/tasks/:id', le: '+Inf' },
    { ...labels, route: '/tasks/1' },
    { ...labels, route: '/tasks', user: 'a' },
    { __name__: 'tickwork_unheard_of', ...target, kind: 'a' },
  ];
  expect(unboundedLabels(series, knownSeries())).toEqual([
    `${requests}{route="/tasks/1"}`,
    `${requests}{user="a"}`,
    'tickwork_unheard_of{kind="a"}',
  ]);
});

test('an id and a text of a user are found in any label', () => {
  const series = [
    { __name__: 'up', ...target },
    { __name__: 'a', key: 'task:0f8fad5b-d9cb-469f-a165-70867728950e' },
    { __name__: 'b', error: 'it said: hello' },
  ];
  expect(userText(series, ['hello'])).toEqual([
    'key="task:0f8fad5b-d9cb-469f-a165-70867728950e"',
    'error="it said: hello"',
  ]);
});

test('every selector of a query is found, with its matchers', () => {
  const query = `max by (namespace) (a{x!="1"}) > 0 unless on (namespace) label_replace(b:c, "component", "d", "", "")
    or absent(last_over_time(e[1h])) or rate(a{x="2"}[5m]) > 0.01 * 14`;
  expect(selectorsOf(query)).toEqual(['a{x!="1"}', 'a{x="2"}', 'b:c', 'e']);
});
