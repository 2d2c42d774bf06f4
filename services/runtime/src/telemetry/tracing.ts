import { NodeSDK } from '@opentelemetry/sdk-node';

/** Without any processor the SDK registers no tracer, and no trace would begin here. */
const keepNone = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * Starts OpenTelemetry, configured by the standard OTEL_ variables. Without an OTLP endpoint spans are made, so that their
 * context travels and logs carry it, but none is exported.
 */
export function startTracing({ serviceName, env }: { serviceName: string; env: NodeJS.ProcessEnv }): {
  shutdown(): Promise<void>;
} {
  const exports = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] || serviceName,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    ...(exports ? {} : { spanProcessors: [keepNone] }),
  });
  sdk.start();
  return { shutdown: () => sdk.shutdown() };
}
