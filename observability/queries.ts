import type { Label, Metric } from './processes.ts';

/** Labels that Prometheus or an aggregation of ours gives a series. */
const givenLabels = ['namespace', 'instance', 'pod', 'job', 'component'];
const alertLabels = ['alertname', 'alertstate', 'severity', 'window'];
const words = new Set(
  (
    'by on or and unless without ignoring group_left group_right bool offset sum max min count group avg rate increase ' +
    'histogram_quantile label_replace absent time vector scalar clamp_min last_over_time sum_over_time'
  ).split(' '),
);

export type Known = ReadonlyMap<string, readonly Label[]>;

/** Every series that the metrics show, with its labels; where two processes have a metric, with what either has. */
export function seriesOf(metrics: readonly Metric[], records: readonly string[]): Known {
  const known = new Map<string, readonly Label[]>();
  for (const { name, type, labels } of metrics) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) {
      const own = suffix === '_bucket' ? [...labels, { name: 'le', values: null }] : labels;
      known.set(name + suffix, merge(known.get(name + suffix) ?? [], own));
    }
  }
  for (const record of records) known.set(record, []);
  known.set(
    'ALERTS',
    alertLabels.map((name) => ({ name, values: null })),
  );
  return known;
}

function merge(one: readonly Label[], other: readonly Label[]): Label[] {
  const names = [...new Set([...one, ...other].map(({ name }) => name))];
  return names.map((name) => {
    const both = [one, other].flatMap((labels) => labels.find((label) => label.name === name) ?? []);
    const isOpen = both.some(({ values }) => values === null);
    return { name, values: isOpen ? null : both.flatMap(({ values }) => values ?? []) };
  });
}

const selectorPattern = /([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}/g;
const matcherPattern = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
const listPattern = /\b(by|on|without|ignoring|group_left)\s*\(([^)]*)\)/g;

/** What a query asks for that nothing shows. Reads PromQL only as far as ours goes. */
export function unknownOf(query: string, known: Known): string[] {
  const unknown: string[] = [];
  const bare = query.replaceAll(selectorPattern, (_all, name: string, matchers: string) => {
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(matcherPattern))
      unknown.push(...matcherProblems(known, { name, label, operator, value }));
    return ` ${name} `;
  });
  const labels = [...bare.matchAll(listPattern)].flatMap(([, , list = '']) => list.split(/\s*,\s*/));
  const series = seriesNames(bare);
  const shown = new Set([
    ...givenLabels,
    ...series.flatMap((name) => (known.get(name) ?? []).map((label) => label.name)),
  ]);
  unknown.push(...series.filter((name) => !known.has(name)));
  unknown.push(...labels.filter((label) => label && !shown.has(label)).map((label) => `label ${label}`));
  return unknown;
}

/** Of a query without its matchers. */
function seriesNames(bare: string): string[] {
  const rest = bare
    .replaceAll(listPattern, ' ')
    .replaceAll(/"[^"]*"|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b\d[\w.-]*/g, ' ');
  return [...rest.matchAll(/[a-zA-Z_:][\w:]*/g)].map(([name]) => name).filter((name) => !words.has(name));
}

/** Every series that a query selects, with its matchers. */
export function selectorsOf(query: string): string[] {
  const selectors = [...query.matchAll(selectorPattern)].map(([selector]) => selector);
  return [...new Set([...selectors, ...seriesNames(query.replaceAll(selectorPattern, ' '))])];
}

interface Matcher {
  readonly name: string;
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

function matcherProblems(known: Known, { name, label, operator, value }: Matcher): string[] {
  if (givenLabels.includes(label)) return [];
  const found = known.get(name)?.find((one) => one.name === label);
  if (!found) return [`${name}{${label}}`];
  const matches = operator.endsWith('~')
    ? (one: string) => new RegExp(`^(?:${value})$`).test(one)
    : (one: string) => one === value;
  return !found.values || found.values.some(matches) ? [] : [`${name}{${label}${operator}"${value}"}`];
}
