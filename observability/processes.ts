import { labelSetsOf } from '@tickwork/runtime/telemetry/instruments';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { createApiMetrics } from '../services/gateway/src/api-metrics.ts';
import { createReconcilerMetrics } from '../services/gateway/src/reconciler-metrics.ts';
import { createWorkerMetrics } from '../services/worker/src/worker-metrics.ts';

type Registry = ReturnType<typeof createRegistry>;

export interface Label {
  readonly name: string;
  /** All that it can be; null where the code holds no closed set. */
  readonly values: readonly string[] | null;
}

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

export type ProcessName = 'api' | 'reconciler' | 'worker';

/** Each process' metrics, from the registries that they build themselves; nothing is started. Node's are in all of them. */
export function readMetrics(): { node: Metric[]; own: Record<ProcessName, Metric[]> } {
  const node = metricsOf(createRegistry());
  const isNodes = new Set(node.map(({ name }) => name));
  const own = (registry: Registry) => metricsOf(registry).filter(({ name }) => !isNodes.has(name));
  return {
    node,
    own: {
      api: own(createApiMetrics().registry),
      reconciler: own(createReconcilerMetrics().registry),
      worker: own(createWorkerMetrics().registry),
    },
  };
}

/** What prom-client's types leave out. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

function metricsOf(registry: Registry): Metric[] {
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, labelNames } = metric as unknown as Registered;
    const sets = labelSetsOf(metric);
    return {
      name,
      help,
      type: metric.constructor.name.toLowerCase(),
      labels: labelNames.map((label) => ({ name: label, values: sets[label] ?? null })),
    };
  });
}
