import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { expect, onTestFinished, test } from 'vitest';
import { ruleGroups } from '../../observability/rules.ts';
import { freePort } from '../stack/ports.ts';
import { stackTargets, startPrometheus } from '../stack/prometheus.ts';
import { serversFolder } from '../stack/temporary-folder.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createPrometheusClient } from './prometheus-client.ts';

/** A process that shows its metrics. */
async function startExporter(): Promise<number> {
  const registry = createRegistry();
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a Prometheus scrapes the three processes and evaluates the chart’s rules; other settings restart it', async () => {
  const [api, reconciler, worker] = await Promise.all([startExporter(), startExporter(), startExporter()]);
  const rules = ruleGroups().map((group) => ({ ...group, interval: '1s' }));
  const options = {
    folder: serversFolder(),
    port: await freePort(),
    targets: stackTargets({ api, reconciler, worker }),
    rules,
    scrapeInterval: '1s',
  };
  const prometheus = await startPrometheus(options);
  const client = createPrometheusClient(prometheus.address);

  const targets = await waitFor('all targets to be up', async () => {
    const up = (await client.targets()).filter(({ health }) => health === 'up');
    return up.length === 3 ? up : null;
  });
  const labelsOf = (pod: string, component: string, port: number) => ({
    ...{ namespace: 'local', pod, app_kubernetes_io_component: component },
    ...{ job: 'tickwork', instance: `127.0.0.1:${port}` },
  });
  const labels = targets.map((target) => target.labels);
  expect(labels).toContainEqual(labelsOf('api', 'gateway', api));
  expect(labels).toContainEqual(labelsOf('reconciler', 'reconciler', reconciler));
  expect(labels).toContainEqual(labelsOf('worker', 'worker', worker));
  const evaluated = await waitFor('all rules to be evaluated', async () => {
    const states = await client.rules();
    return states.some(({ health }) => health === 'unknown') ? null : states;
  });
  const names = rules.flatMap((group) => group.rules.map(({ alert, record }) => alert ?? record));
  expect(evaluated.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([]);

  const page = await fetch(prometheus.address, { signal: AbortSignal.timeout(5000) });
  expect(await page.text()).toMatch(/<title>.*Prometheus/);
  for (const origin of ['https://page.example', 'http://localhost:3000', 'null']) {
    const asked = { headers: { origin }, signal: AbortSignal.timeout(5000) };
    const { headers } = await fetch(`${prometheus.address}/api/v1/alerts`, asked);
    expect(headers.get('access-control-allow-methods')).toContain('GET'); // it saw the origin
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }

  expect((await startPrometheus(options)).pid).toBe(prometheus.pid);
  const other = await startPrometheus({ ...options, targets: options.targets.slice(0, 1) });
  expect(other.pid).not.toBe(prometheus.pid);
  await waitFor('the one target', async () => (await client.targets()).length === 1);
});
