import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import type { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import type { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ruleGroups } from '../../observability/rules.ts';
import { command } from './command.ts';
import { chart, merge } from './release.ts';
import { everything, find, type KubernetesObject, render } from './rendering.ts';

let archive: string;
let objects: KubernetesObject[];
const folder = mkdtempSync(join(tmpdir(), 'tickwork-chart-'));

beforeAll(async () => {
  await command('helm', ['package', chart, '--destination', folder]);
  archive = join(folder, readdirSync(folder)[0] ?? '');
  objects = await render(everything, archive);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('what is packaged renders as the folder does', async () => {
  expect(objects).toEqual(await render(everything));
});

test('the PrometheusRule has every group, as it is in the files', () => {
  const { spec } = find(objects, 'PrometheusRule', 'alerts') as PrometheusRule;
  expect(spec.groups).toEqual(ruleGroups());
});

test('with monitoring.runbooksUrl each alert and panel links to there', async () => {
  const runbooksUrl = 'https://example.com/runbooks';
  const linked = await render(merge(everything, { monitoring: { runbooksUrl } }), archive);
  const { spec } = find(linked, 'PrometheusRule', 'alerts') as PrometheusRule;
  const alerts = spec.groups?.flatMap(({ rules = [] }) => rules).filter(({ alert }) => alert) ?? [];
  expect(alerts.length).toBeGreaterThan(20);
  for (const { alert, annotations } of alerts)
    expect(annotations?.['runbook_url']).toBe(`${runbooksUrl}/${alert}.md`);
  const { data = {} } = find(linked, 'ConfigMap', 'dashboards') as V1ConfigMap;
  expect(Object.values(data).join()).not.toContain('observability/runbooks');
});

test('the dashboards are whole, and small enough to be applied', () => {
  const map = find(objects, 'ConfigMap', 'dashboards') as V1ConfigMap;
  const data = map.data ?? {};
  const files = join(chart, 'files/dashboards');
  expect(Object.keys(data).toSorted()).toEqual(readdirSync(files).toSorted());
  for (const [name, text] of Object.entries(data)) {
    expect(name).toMatch(/^[\w.-]{1,253}$/);
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(files, name), 'utf8')));
  }
  // A ConfigMap may have 1 MiB; `kubectl apply` puts all of it into an annotation, and these may have 256 KiB.
  expect(Buffer.byteLength(JSON.stringify(map))).toBeLessThan(256 * 1024 * 0.9);
});

/** The operator itself gives each target namespace, pod, container, endpoint, instance and job, unless it is told otherwise. */
test('the PodMonitor finds the admin port of every component, and leaves the labels of its targets alone', () => {
  const { spec } = find(objects, 'PodMonitor', 'metrics') as PodMonitor;
  expect(spec.podMetricsEndpoints).toEqual([{ port: 'admin', path: '/metrics', interval: '30s' }]);
  expect(Object.keys(spec).toSorted()).toEqual(['podMetricsEndpoints', 'podTargetLabels', 'selector']);
  for (const component of ['gateway', 'reconciler', 'worker']) {
    const pod = (find(objects, 'Deployment', component) as V1Deployment).spec?.template;
    expect(pod?.metadata?.labels).toMatchObject(spec.selector.matchLabels ?? {});
    expect(pod?.metadata?.labels).toHaveProperty(spec.podTargetLabels ?? [], component);
    expect(pod?.spec?.containers[0]?.ports).toContainEqual({ name: 'admin', containerPort: 9464 });
  }
});
