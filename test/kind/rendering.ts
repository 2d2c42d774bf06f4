import { parseAllDocuments } from 'yaml';
import { command } from './command.ts';
import { chart, merge, type Values } from './release.ts';

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

export const given: Values = {
  supabase: { url: 'https://project.supabase.co', anonKey: 'anon', reconcilerToken: { value: 'token' } },
  redis: { url: 'redis://redis:6379' },
  rabbitmq: { url: 'amqp://gateway@rabbitmq', workerUrl: 'amqp://worker@rabbitmq' },
};
export const everything: Values = merge(given, {
  telemetry: { otlpEndpoint: 'http://collector:4318', env: { OTEL_TRACES_SAMPLER: 'always_on' } },
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
  worker: {
    keda: { enabled: true },
    env: { LLM_MODEL: 'model' },
    envFrom: [{ secretRef: { name: 'llm' } }],
    egress: {
      to: [{ podSelector: { matchLabels: { app: 'model' } } }],
      ports: [8000],
      exceptCIDRs: ['203.0.113.0/24', '2001:db8::/32'],
    },
  },
  monitoring: { podMonitor: { enabled: true }, rules: { enabled: true }, dashboards: { enabled: true } },
});

export const template = (values: Values, helm = 'helm', from = chart) =>
  command(
    helm,
    ['template', 'tickwork', from, '--namespace', 'here', '--kube-version', '1.30', '--values', '-'],
    {
      input: JSON.stringify(values),
    },
  );
export const render = async (values: Values, from = chart): Promise<KubernetesObject[]> =>
  parseAllDocuments(await template(values, 'helm', from))
    .map((document) => document.toJS() as KubernetesObject)
    .filter(Boolean);
export const find = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === `tickwork-${name}`);
