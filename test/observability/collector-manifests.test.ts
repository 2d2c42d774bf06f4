import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { V1ConfigMap, V1Deployment, V1Service } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { command, missingPrograms } from '../kind/command.ts';

const folder = resolve(import.meta.dirname, '../../observability/collector');
const read = (name: string) => readFileSync(resolve(folder, name), 'utf8');
const [missing] = await missingPrograms(['kubectl']);
if (missing) process.stderr.write("THE COLLECTOR'S MANIFESTS WERE NOT BUILT: there is no kubectl\n");

test.skipIf(missing)(
  'kubectl makes a deployment that runs the config, under a name that tells its content',
  async () => {
    const built = await command('kubectl', ['kustomize', folder], { timeoutMs: 30_000 });
    const objects = parseAllDocuments(built).map((document) => document.toJS());
    const of = (kind: string) => objects.find((object) => object.kind === kind);
    const config = of('ConfigMap') as V1ConfigMap;
    expect(config.data).toEqual({ 'config.yaml': read('config.yaml') });
    expect(config.metadata?.name).toMatch(/^otel-collector-\w+$/);
    const [volume] = (of('Deployment') as V1Deployment).spec?.template.spec?.volumes ?? [];
    expect(volume?.configMap?.name).toBe(config.metadata?.name);
  },
);

test('each port of the pod is one on which the config listens, and the Service leads to them', () => {
  const { extensions, receivers, service } = parse(read('config.yaml'));
  const portOf = ({ endpoint }: { endpoint: string }) => Number(endpoint.split(':')[1]);
  const listens = {
    'otlp-grpc': portOf(receivers.otlp.protocols.grpc),
    'otlp-http': portOf(receivers.otlp.protocols.http),
    metrics: service.telemetry.metrics.readers[0].pull.exporter.prometheus.port,
    health: portOf(extensions.health_check),
  };
  const { spec } = parse(read('deployment.yaml')) as V1Deployment;
  const [container] = spec?.template.spec?.containers ?? [];
  const opened = container?.ports?.map(({ name, containerPort }) => [name, containerPort]);
  expect(Object.fromEntries(opened ?? [])).toEqual(listens);
  const [exposed] = parseAllDocuments(read('service.yaml')).map((document) => document.toJS() as V1Service);
  const led = exposed?.spec?.ports?.map(({ targetPort, port }) => [targetPort, port]);
  const { health: _probed, ...reached } = listens;
  expect(Object.fromEntries(led ?? [])).toEqual(reached);
});

test('the memory that Go aims at is four fifths of the pod’s', () => {
  const { spec } = parse(read('deployment.yaml')) as V1Deployment;
  const [container] = spec?.template.spec?.containers ?? [];
  expect(container?.resources?.limits?.['memory']).toBe('1Gi');
  const aim = container?.env?.find(({ name }) => name === 'GOMEMLIMIT')?.value;
  expect(aim).toBe(`${Math.floor(1024 * 0.8)}MiB`);
});

test('the README has each variable of the config, with its default', () => {
  const variables = [...read('config.yaml').matchAll(/\$\{env:(\w+):-([^}]*)\}/g)];
  const rows = new Set(variables.map(([, name, preset]) => `| \`${name}\` | \`${preset}\` | `));
  expect(rows.size).toBeGreaterThan(3);
  expect([...rows].filter((row) => !read('README.md').includes(row))).toEqual([]);
});
