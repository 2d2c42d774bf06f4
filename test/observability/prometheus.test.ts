import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { expect, onTestFinished, test } from 'vitest';
import { ruleGroups } from '../../observability/rules.ts';
import { freePort } from '../stack/ports.ts';
import { stackTargets, startPrometheus } from '../stack/prometheus.ts';
import { stopAll } from '../stack/state.ts';
import { temporaryFolder } from '../stack/temporary-folder.ts';
import { waitFor } from '../stack/wait-for.ts';

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

interface Target {
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}
interface Evaluated {
  readonly name: string;
  readonly rules: readonly { readonly name: string; readonly health: string }[];
}

test('a Prometheus scrapes the three processes and evaluates the chart’s rules; other settings restart it', async () => {
  const folder = temporaryFolder();
  onTestFinished(async () => void (await stopAll(folder)));
  const [api, reconciler, worker] = await Promise.all([startExporter(), startExporter(), startExporter()]);
  const rules = ruleGroups().map((group) => ({ ...group, interval: '1s' }));
  const options = {
    folder,
    port: await freePort(),
    targets: stackTargets({ api, reconciler, worker }),
    rules,
    scrapeInterval: '1s',
  };
  const prometheus = await startPrometheus(options);
  const ask = async (path: string) => {
    const response = await fetch(`${prometheus.address}/api/v1/${path}`, {
      signal: AbortSignal.timeout(5000),
    });
    return ((await response.json()) as { data: { activeTargets: Target[]; groups: Evaluated[] } }).data;
  };

  const targets = await waitFor('all targets to be up', async () => {
    const { activeTargets } = await ask('targets');
    const up = activeTargets.filter(({ health }) => health === 'up');
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
  const groups = await waitFor('all rules to be evaluated', async () => {
    const { groups } = await ask('rules');
    const states = groups.flatMap((group) => group.rules.map(({ health }) => health));
    return states.includes('unknown') ? null : groups;
  });
  expect(groups.map(({ name }) => name).toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
  expect(groups.flatMap((group) => group.rules).filter(({ health }) => health !== 'ok')).toEqual([]);

  const page = await fetch(prometheus.address, { signal: AbortSignal.timeout(5000) });
  expect(await page.text()).toMatch(/<title>.*Prometheus/);

  expect((await startPrometheus(options)).pid).toBe(prometheus.pid);
  const other = await startPrometheus({ ...options, targets: options.targets.slice(0, 1) });
  expect(other.pid).not.toBe(prometheus.pid);
  await waitFor('the one target', async () => (await ask('targets')).activeTargets.length === 1);
});
