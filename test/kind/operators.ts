import type { Cluster } from './cluster.ts';

const kinds = [
  ['keda.sh', 'v1alpha1', 'ScaledObject'],
  ['keda.sh', 'v1alpha1', 'TriggerAuthentication'],
  ['monitoring.coreos.com', 'v1', 'PodMonitor'],
  ['monitoring.coreos.com', 'v1', 'PrometheusRule'],
] as const;

/** The kinds of KEDA and of the Prometheus operator, as far as that there can be objects of them; nobody acts on these. */
export async function createOperatorKinds({ kubectl }: Cluster): Promise<void> {
  await kubectl(['apply', '-f', '-'], {
    input: definitions.map((one) => JSON.stringify(one)).join('\n---\n'),
  });
  const names = definitions.map(({ metadata }) => `crd/${metadata.name}`);
  await kubectl(['wait', '--for=condition=Established', ...names, '--timeout=60s']);
}

export async function deleteOperatorKinds({ kubectl }: Cluster): Promise<void> {
  await kubectl(['delete', 'crd', ...definitions.map(({ metadata }) => metadata.name), '--timeout=60s']);
}

const definitions = kinds.map(([group, version, kind]) => {
  const singular = kind.toLowerCase();
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, singular, plural: `${singular}s` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
});
