import { join } from 'node:path';
import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from './cluster.ts';
import { command, missingPrograms } from './command.ts';
import { useNamespace } from './namespace.ts';
import { chart, helmPrograms, merge, type Values } from './release.ts';

const space = useNamespace('chart');

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

const given: Values = {
  supabase: { url: 'https://project.supabase.co', anonKey: 'anon', reconcilerToken: { value: 'token' } },
  redis: { url: 'redis://redis:6379' },
  rabbitmq: { url: 'amqp://gateway@rabbitmq', workerUrl: 'amqp://worker@rabbitmq' },
};
const everything: Values = merge(given, {
  telemetry: { otlpEndpoint: 'http://collector:4318' },
  gateway: {
    autoscaling: { enabled: true },
    ingress: {
      enabled: true,
      className: 'nginx',
      hosts: ['api.example.com'],
      tls: [{ hosts: ['api.example.com'] }],
    },
    httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }], hostnames: ['api.example.com'] },
  },
  worker: { keda: { enabled: true }, egress: { exceptCIDRs: ['203.0.113.0/24', '2001:db8::/32'] } },
  monitoring: { podMonitor: { enabled: true }, rules: { enabled: true }, dashboards: { enabled: true } },
});
const missing = await missingPrograms(helmPrograms);
const there = helmPrograms.filter((helm) => !missing.includes(helm));

const template = (values: Values, helm = 'helm') =>
  command(
    helm,
    ['template', 'tickwork', chart, '--namespace', 'here', '--kube-version', '1.30', '--values', '-'],
    {
      input: JSON.stringify(values),
    },
  );
const render = async (values: Values): Promise<KubernetesObject[]> =>
  parseAllDocuments(await template(values))
    .map((document) => document.toJS() as KubernetesObject)
    .filter(Boolean);
const find = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === `tickwork-${name}`);

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

describe('what templates decide', () => {
  test('by default there is nothing that needs an operator', async () => {
    const kinds = new Set((await render(given)).map(({ kind }) => kind));
    for (const kind of [
      'Ingress',
      'HTTPRoute',
      'ScaledObject',
      'PodMonitor',
      'PrometheusRule',
      'HorizontalPodAutoscaler',
    ]) {
      expect(kinds).not.toContain(kind);
    }
  });

  test('who scales sets the number of pods', async () => {
    const objects = await render(everything);
    expect(find(objects, 'Deployment', 'gateway')?.spec).not.toHaveProperty('replicas');
    expect(find(objects, 'Deployment', 'worker')?.spec).not.toHaveProperty('replicas');
  });

  test('a worker is told nothing of Supabase', async () => {
    const objects = (await render(given)).filter(({ metadata }) => metadata.name.includes('worker'));
    expect(objects.length).toBeGreaterThan(4);
    expect(JSON.stringify(objects)).not.toMatch(/supabase\.co|SUPABASE|anon/);
  });

  test('with Secrets of the user’s own the chart makes none', async () => {
    const own = {
      supabase: {
        url: 'https://project.supabase.co',
        existingSecret: 's',
        reconcilerToken: { existingSecret: 't' },
      },
      redis: { existingSecret: 'r' },
      rabbitmq: { existingSecret: 'q', workerExistingSecret: 'w' },
    };
    expect((await render(own)).map(({ kind }) => kind)).not.toContain('Secret');
  });

  test('addresses that a worker may not reach go to their family', async () => {
    const policy = find(await render(everything), 'NetworkPolicy', 'worker') as V1NetworkPolicy;
    const [four, six] = policy.spec?.egress?.at(-1)?.to ?? [];
    expect(four?.ipBlock?.except).toEqual(
      expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '203.0.113.0/24']),
    );
    expect(six?.ipBlock?.except).toEqual(['2001:db8::/32']);
  });

  test.each([
    [{ supabase: { url: '' } }, 'supabase.url must be set'],
    [{ supabase: { anonKey: '' } }, 'supabase.existingSecret to a Secret with the key anon-key'],
    [{ supabase: { existingSecret: 'x' } }, 'supabase.existingSecret replaces'],
    [{ supabase: { reconcilerToken: { value: '' } } }, 'set supabase.reconcilerToken.value, or'],
    [{ redis: { url: '' } }, 'set redis.url, or redis.existingSecret'],
    [{ redis: { existingSecret: 'x' } }, 'redis.existingSecret replaces redis.url'],
    [{ rabbitmq: { workerUrl: '' } }, 'set rabbitmq.workerUrl, or'],
    [{ gateway: { ingress: { enabled: true } } }, 'needs gateway.ingress.hosts'],
    [{ gateway: { httpRoute: { enabled: true } } }, 'needs gateway.httpRoute.parentRefs'],
    [{ gateway: { autoscaling: { enabled: true, minReplicas: 20 } } }, 'must not exceed'],
    [{ worker: { keda: { enabled: true, minReplicas: 30 } } }, 'must not exceed'],
    [{ reconciler: { lease: { retryPeriodMs: 12_000 } } }, 'durationMs must exceed renewDeadlineMs'],
    [{ redis: { ur: 'x' } }, "additional properties 'ur' not allowed"],
    [{ worker: { concurrency: 'many' } }, 'concurrency'],
  ])('%j is refused with the mend', async (values, words) => {
    await expect(template(merge(given, values))).rejects.toThrow(words);
  });
});
