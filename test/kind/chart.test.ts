import { join } from 'node:path';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { describe, expect, test } from 'vitest';
import { root } from './cluster.ts';
import { command, missingPrograms } from './command.ts';
import { useNamespace } from './namespace.ts';
import { chart, helmPrograms } from './release.ts';
import { everything, type KubernetesObject, render, template } from './rendering.ts';

const space = useNamespace('chart');

const missing = await missingPrograms(helmPrograms);
const there = helmPrograms.filter((helm) => !missing.includes(helm));

describe.each(there)('%s', (helm) => {
  test('lints, strictly', async () => {
    const values = join(root, '.stack/kind/lint.json');
    await command('sh', ['-c', 'cat > "$0"', values], { input: JSON.stringify(everything) });
    expect(await command(helm, ['lint', '--strict', chart, '--values', values])).toContain(
      '0 chart(s) failed',
    );
  });

  test('prints the same twice, with every optional part on', async () => {
    expect(await template(everything, helm)).toBe(await template(everything, helm));
  });
});

test('the cluster takes every object whose kind it knows, and the others fit their schema', async () => {
  const { cluster, namespace } = space;
  const objects = await render(everything);
  const custom = { HTTPRoute, ScaledObject, TriggerAuthentication, PodMonitor, PrometheusRule };
  const isCustom = (object: KubernetesObject): object is KubernetesObject & { kind: keyof typeof custom } =>
    object.kind in custom;
  const known = objects
    .filter((object) => !isCustom(object))
    .map((object) => JSON.stringify(object).replaceAll('"here"', `"${namespace}"`));
  await cluster.kubectl(['apply', '--dry-run=server', '--namespace', namespace, '-f', '-'], {
    input: known.join('\n---\n'),
  });
  const kinds = objects.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(Object.keys(custom)));
  for (const object of objects) {
    if (isCustom(object)) new custom[object.kind](object as never).validate();
  }
});
