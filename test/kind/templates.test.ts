import type { V1ConfigMap, V1Deployment, V1NetworkPolicy } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { merge } from './release.ts';
import { everything, find, given, render, template } from './rendering.ts';

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

  test('an agent of one’s own: its image, variables and secrets, and what it may reach', async () => {
    const agent = '/app/agents/my-agent.ts';
    const to = [{ podSelector: { matchLabels: { app: 'model' } } }];
    const envFrom = [{ secretRef: { name: 'llm' } }];
    const worker = {
      image: 'mine/agent:1',
      agent,
      env: { LLM_MODEL: 'm' },
      envFrom,
      egress: { to, ports: [8000] },
    };
    const objects = await render(merge(given, { worker }));
    const config = find(objects, 'ConfigMap', 'worker') as V1ConfigMap;
    expect(config.data).toMatchObject({ AGENT: agent, LLM_MODEL: 'm' });
    const [container] =
      (find(objects, 'Deployment', 'worker') as V1Deployment).spec?.template.spec?.containers ?? [];
    expect(container?.image).toBe('mine/agent:1');
    // Of two that set the same the last counts, so no Secret of the user's replaces what the chart sets.
    expect(container?.envFrom).toEqual([...envFrom, { configMapRef: { name: 'tickwork-worker' } }]);
    const policy = find(objects, 'NetworkPolicy', 'worker') as V1NetworkPolicy;
    expect(policy.spec?.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 8000 }], to });
  });

  test.each(['gateway', 'reconciler', 'worker'])(
    'the %s is told of the collector, and may reach it',
    async (name) => {
      const env = { OTEL_TRACES_SAMPLER: 'always_on' };
      const otlpEndpoint = 'http://otel-collector.observability:4318';
      const objects = await render(merge(given, { telemetry: { otlpEndpoint, env } }));
      const config = find(objects, 'ConfigMap', name) as V1ConfigMap;
      expect(config.data).toMatchObject({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint });
      const opened = (policy: V1NetworkPolicy) =>
        policy.spec?.egress?.filter(({ ports = [] }) => ports.some(({ port }) => port === 4318));
      expect(opened(find(objects, 'NetworkPolicy', name) as V1NetworkPolicy)).toHaveLength(1);
      const without = find(await render(given), 'NetworkPolicy', name) as V1NetworkPolicy;
      expect(opened(without)).toEqual([]);
    },
  );

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
    [{ worker: { terminationGracePeriodSeconds: 20 } }, 'terminationGracePeriodSeconds must be at least 30'],
    [{ worker: { tickTimeoutMs: 10 } }, 'tickTimeoutMs'],
    [{ worker: { env: { SUPABASE_URL: 'x' } } }, 'SUPABASE_URL must not be set for the worker'],
    [{ worker: { extraEnv: [{ name: 'SUPABASE_KEY' }] } }, 'SUPABASE_KEY must not be set for the worker'],
    [{ worker: { env: { MAX_ATTEMPTS: '9' } } }, 'worker.env must not hold MAX_ATTEMPTS'],
    [{ worker: { env: { 'MY-KEY': 'x' } } }, 'does not match pattern'],
    [{ telemetry: { env: { LOG_LEVEL: 'debug' } } }, 'does not match pattern'],
    [{ telemetry: { env: { 'OTEL_A B': 'x' } } }, 'does not match pattern'],
    [{ telemetry: { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'x' } } }, 'set telemetry.otlpEndpoint'],
    [
      { telemetry: { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x' } } },
      'telemetry.env must not hold OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    ],
    [{ telemetry: { env: { OTEL_EXPORTER_OTLP_HEADERS: 'x' } } }, 'by a secretKeyRef in gateway.extraEnv'],
    [{ telemetry: { env: { OTEL_SERVICE_NAME: 'x' } } }, 'telemetry.env must not hold OTEL_SERVICE_NAME'],
    [
      { worker: { env: { OTEL_SDK: 'x' } }, telemetry: { env: { OTEL_SDK: 'y' } } },
      'worker.env must not hold OTEL_SDK',
    ],
    [{ worker: { image: 'mine:1', digest: `sha256:${'0'.repeat(64)}` } }, 'worker.image replaces'],
    [{ worker: { egress: { ports: [8000] } } }, 'worker.egress.ports belongs to worker.egress.to'],
  ])('%j is refused with the mend', async (values, words) => {
    await expect(template(merge(given, values))).rejects.toThrow(words);
  });
});
