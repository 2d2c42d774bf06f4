import { describe, expect, test } from 'vitest';
import { textsLoggedBy } from './logged.ts';
import { type Metric, readMetrics } from './processes.ts';
import { seriesOf } from './queries.ts';
import { grepsOf, parseRunbook, readRunbooks, showsMetrics } from './runbooks.ts';

const { node, own } = readMetrics();

/** Every series, and every label with each of its values, as `/metrics` shows it. */
const shownBy = (metrics: readonly Metric[]) => [
  ...seriesOf([...node, ...metrics], []).keys(),
  ...labelsOf(metrics).map(([name, value]) => `${name}="${value}"`),
];
const labelsOf = (metrics: readonly Metric[]) =>
  metrics.flatMap(({ labels }) =>
    labels.flatMap(({ name, values }) => (values ?? []).map((value) => [name, value] as const)),
  );

/** The fields of a log's line that are closed sets: a reason is also the name of a field. */
const fieldsOf = (metrics: readonly Metric[]) => [
  ...['warn', 'error', 'fatal'].map((level) => `"level":"${level}"`),
  ...labelsOf(metrics).flatMap(([name, value]) => [`"${name}":"${value}"`, value]),
];

const processes = {
  gateway: { metrics: own.api, texts: textsLoggedBy('gateway') },
  reconciler: { metrics: own.reconciler, texts: textsLoggedBy('gateway') },
  worker: { metrics: own.worker, texts: textsLoggedBy('worker') },
};
const words = [
  [/component(?:=| in \()gateway|api\.log|GATEWAY_ADMIN_URL/, 'gateway'],
  [/component=reconciler|reconciler\.log|RECONCILER_ADMIN_URL/, 'reconciler'],
  [/component=worker|worker\.log|WORKER_ADMIN_URL/, 'worker'],
] as const;

function processOf(line: string) {
  const name = words.find(([pattern]) => pattern.test(line))?.[1];
  if (!name) throw new Error(`of no process: ${line}`);
  return processes[name];
}

/** The alternatives that nothing in the process' metrics, or in its log, can match. */
function deadGreps(line: string): string[] {
  const greps = grepsOf(line);
  if (greps.length === 0) return [];
  const { metrics, texts } = processOf(line);
  if (showsMetrics(line)) {
    const shown = shownBy(metrics);
    return greps.filter((grep) => !shown.some((one) => new RegExp(grep).test(one)));
  }
  const fields = fieldsOf(metrics);
  const isThere = (grep: string) =>
    texts.some((text) => new RegExp(grep).test(text)) ||
    fields.some((field) => new RegExp(`^(?:${grep})$`).test(field));
  return greps.filter((grep) => !isThere(grep));
}

const runbooks = readRunbooks();

test.each(runbooks)('$alert greps only for what a process can write', ({ cluster, makeUp }) => {
  expect([...cluster, ...makeUp].flatMap(deadGreps)).toEqual([]);
});

test.each(runbooks)('$alert looks at the same in a cluster and with make up', ({ cluster, makeUp }) => {
  const asked = (lines: readonly string[]) => [...new Set(lines.flatMap(grepsOf))].toSorted();
  expect(asked(makeUp)).toEqual(asked(cluster));
});

test.each([
  ['curl -s $WORKER_ADMIN_URL/metrics | grep -E "retries_total|gone_total"', ['gone_total']],
  ['curl -s $WORKER_ADMIN_URL/metrics | grep \'outcome="lost"\'', ['outcome="lost"']],
  ["grep -E 'tried again|JWT expired' .stack/worker.log | tail -n 20", ['JWT expired']],
  ['grep -E \'"level":"(error|fatal)"|"pass":"gone"\' .stack/reconciler.log', ['"pass":"gone"']],
  ["grep -E 'left alone' .stack/worker.log", ['left alone']],
  // An event's name, and what a metric is said to be.
  ["grep -E 'started leading|started_leading' .stack/reconciler.log", ['started_leading']],
  ["grep -E 'found Redis ahead' .stack/reconciler.log", ['found Redis ahead']],
])('%s is found out', (line, dead) => {
  expect(deadGreps(line)).toEqual(dead);
});

describe('a runbook', () => {
  const text = `# A

## What it means
It.

## How to check
On a cluster:

\`\`\`
kubectl get pods
kubectl logs x | grep 'a|(b|c)'
\`\`\`

With \`make up\`, after \`source .stack/env\`:

\`\`\`
make status
\`\`\`

## How to mend
- \`kubectl delete x\`, not \`x\`.
`;

  test('is read', () => {
    expect(parseRunbook('A', text)).toEqual({
      alert: 'A',
      cluster: ['kubectl get pods', "kubectl logs x | grep 'a|(b|c)'"],
      makeUp: ['make status'],
      mend: ['kubectl delete x'],
    });
    expect(grepsOf("kubectl logs x | grep -E 'a|(b|c)' | grep d")).toEqual(['a', '(b|c)', 'd']);
  });

  test.each([
    ['# A\n', '# B\n', 'title A'],
    ['## How to mend', '## Mend', 'the sections'],
    ['## What it means\nIt.\n\n', '', 'the sections'],
    ['On a cluster:', 'There:', 'one block'],
    ['```\nmake', '```sh\nmake', 'one block'],
    ['not `x`.', 'so:\n\n```\nx\n```', 'one block'],
    ['pods\n', 'pods \\\n', 'one command in each line'],
    ['pods\n', 'pods\n\n', 'one command in each line'],
    ['pods\n', 'pods   # all\n', 'remarks beside the block'],
  ])('with %j as %j is refused', (one, other, rule) => {
    expect(() => parseRunbook('A', text.replace(one, other))).toThrow(rule);
  });

  test.each(["grep -v 'a' x", 'grep $a x'])('%s is refused', (line) => {
    expect(() => grepsOf(line)).toThrow('of another form');
  });
});
