import { join, resolve } from 'node:path';
import { ConfigError } from '@tickwork/runtime/process/config';
import { ruleGroups } from '../../observability/rules.ts';
import type { Ports } from './ports.ts';
import { ensure } from './processes.ts';
import { stackTargets, startPrometheus } from './prometheus.ts';
import type { Started } from './state.ts';
import { compileCache, hashOf } from './tickwork.ts';

type Variables = Readonly<Record<string, string>>;
const root = resolve(import.meta.dirname, '../..');

export function readObservability({ OBSERVABILITY: value = '' }: NodeJS.ProcessEnv): boolean {
  if (!['', '0', '1'].includes(value))
    throw new ConfigError('OBSERVABILITY must be 1 for Prometheus and a trace viewer, else 0 or not set');
  return value === '1';
}

/** Starts Prometheus and the trace viewer, or keeps them. Returns their addresses. */
export async function startObservability(folder: string, ports: Ports): Promise<Record<string, string>> {
  const targets = stackTargets({
    api: ports.GATEWAY_ADMIN_PORT,
    reconciler: ports.RECONCILER_ADMIN_PORT,
    worker: ports.WORKER_ADMIN_PORT,
  });
  const [prometheus, traces] = await Promise.all([
    startPrometheus({ folder, port: ports.PROMETHEUS_PORT, targets, rules: ruleGroups() }),
    startTraceViewer({ folder, port: ports.TRACES_PORT }),
  ]);
  return { PROMETHEUS_URL: prometheus.address, TRACES_URL: traces.address };
}

/** On loopback. It forgets its traces when it ends. */
export function startTraceViewer({ folder, port }: { folder: string; port: number }): Promise<Started> {
  const address = `http://127.0.0.1:${port}`;
  return ensure({
    name: 'traces',
    folder,
    address,
    ports: [port],
    program: process.execPath,
    arguments: [join(root, 'observability/trace-viewer/main.ts')],
    env: { NODE_COMPILE_CACHE: compileCache, DRAIN_DELAY_MS: '0', PORT: String(port) },
    version: hashOf(['observability/trace-viewer/*', 'services/runtime/src/{process,telemetry}/*.ts']),
    answers: async () => (await fetch(address, { signal: AbortSignal.timeout(2000) })).ok,
  });
}

/** What sends a service's spans to what takes JSON, soon after they end. */
export const exportTo = (url: string, { delayMs = 1000 } = {}): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: String(delayMs),
});

/** The user's own OTEL_ variables. Where they name no endpoint, endpoint and protocol are those of the viewer. */
export function readTelemetryEnv(env: NodeJS.ProcessEnv, { TRACES_URL: tracesUrl }: Variables): Variables {
  const own = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('OTEL_') && value ? [[name, value]] : [],
    ),
  );
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = own;
  if (!tracesUrl || endpoint || traces) return own;
  const { OTEL_BSP_SCHEDULE_DELAY: delay, ...viewer } = exportTo(tracesUrl);
  return { ...(delay ? { OTEL_BSP_SCHEDULE_DELAY: delay } : {}), ...own, ...viewer };
}

/** Where the viewer shows the trace of a task, if spans go there. */
export function traceAddress(
  env: NodeJS.ProcessEnv,
  made: Variables,
  correlationId: string,
): string | undefined {
  const { TRACES_URL: tracesUrl } = made;
  const telemetry = readTelemetryEnv(env, made);
  const { OTEL_TRACES_EXPORTER: exporter = 'otlp', OTEL_TRACES_SAMPLER: sampler = '' } = telemetry;
  const isOff =
    telemetry['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' ||
    !exporter.split(',').some((name) => name.trim() === 'otlp') ||
    sampler.endsWith('always_off');
  if (!tracesUrl || !correlationId || isOff) return undefined;
  if (telemetry['OTEL_EXPORTER_OTLP_ENDPOINT'] !== tracesUrl) return undefined;
  return `${tracesUrl}/?correlation_id=${correlationId}`;
}
