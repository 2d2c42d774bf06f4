import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataPanels, readDashboards } from './panels.ts';
import { readMetrics } from './processes.ts';
import { seriesOf, unknownOf } from './queries.ts';
import { allRules } from './rules.ts';

const root = join(import.meta.dirname, '..');
const dashboards = readDashboards();
const { node, own } = readMetrics();
const rules = allRules();
const known = seriesOf(
  [...node, ...Object.values(own).flat()],
  rules.flatMap(({ record }) => record ?? []),
);

test.each(dashboards)('%s asks only for series and labels that there are', (_name, dashboard) => {
  const queries = dataPanels(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(3);
  expect(queries.flatMap((query) => unknownOf(query, known))).toEqual([]);
});

test.each(rules)('the rule $alert$record asks only for series and labels that there are', ({ expr }) => {
  expect(unknownOf(expr, known)).toEqual([]);
});

/** What the Prometheus operator gives each target of a PodMonitor; a label of ours by that name would become exported_… */
const targetLabels = ['namespace', 'pod', 'container', 'endpoint', 'instance', 'job'];

test('no metric has a label that its target has', () => {
  const labels = [...node, ...Object.values(own).flat()].flatMap((metric) => metric.labels);
  expect(labels.length).toBeGreaterThan(20);
  expect(labels.map(({ name }) => name).filter((name) => targetLabels.includes(name))).toEqual([]);
});

test.each([
  ['sum(rate(tickwork_gone_total[5m]))', 'tickwork_gone_total'],
  ['sum by (status) (tickwork_watchers)', 'label status'],
  ['tickwork_watchers{colour="red"}', 'tickwork_watchers{colour}'],
  ['tickwork_watchers{kind="nobody"}', 'tickwork_watchers{kind="nobody"}'],
  ['tickwork_sync_lag_seconds', 'tickwork_sync_lag_seconds'],
  ['1 - tickwork:gone:ratio', 'tickwork:gone:ratio'],
])('%s is found out', (query, problem) => {
  expect(unknownOf(query, known)).toEqual([problem]);
});

test.each(dashboards)('each panel of %s has its own id, place, unit and description', (_name, dashboard) => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const panel of dataPanels(dashboard)) {
    expect(panel, panel.title).toMatchObject({
      description: expect.stringMatching(/\.$/),
      fieldConfig: { defaults: { unit: expect.stringMatching(/./) } },
    });
  }
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
});

test('each dashboard has its own uid and asks for source, traces, namespace and instance', () => {
  expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
  for (const [, { templating }] of dashboards) {
    const names = templating.list.map(({ name }) => name);
    expect(names).toEqual(['datasource', 'traces', 'namespace', 'instance']);
  }
});

const runbooks = 'observability/runbooks';
const alerts = [...new Set(rules.flatMap(({ alert }) => alert ?? []))].map((alert) => ({ alert }));

test('each link to a runbook leads to a file', () => {
  const links = dashboards.flatMap(([, dashboard]) =>
    dataPanels(dashboard).flatMap(({ links = [] }) => links.map(({ url }) => url)),
  );
  const files = links.filter((url) => url.startsWith(runbooks));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('each runbook has its alert', () => {
  const names = readdirSync(join(root, runbooks)).filter((name) => name !== 'README.md');
  expect(names.toSorted()).toEqual(alerts.map(({ alert }) => `${alert}.md`).toSorted());
});

test.each(alerts)(
  '$alert has a severity, a summary, a description and a runbook of three parts',
  ({ alert }) => {
    const file = `${runbooks}/${alert}.md`;
    for (const { labels, annotations } of rules.filter((rule) => rule.alert === alert)) {
      expect(labels?.['severity']).toMatch(/^(critical|warning)$/);
      expect(annotations).toMatchObject({
        summary: expect.stringMatching(/\.$/),
        description: expect.stringMatching(/\.$/),
        runbook_url: file,
      });
    }
    const headings = [...readFileSync(join(root, file), 'utf8').matchAll(/^##? (.+)$/gm)].map(
      ([, one]) => one,
    );
    expect(headings).toEqual([alert, 'What it means', 'How to check', 'How to mend']);
  },
);
