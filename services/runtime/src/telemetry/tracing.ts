import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { serviceNameOf } from './service-name.ts';

export interface Tracing {
  shutdown(): Promise<void>;
}

/**
 * Starts OpenTelemetry, configured by the standard OTEL_ variables. Without an OTLP endpoint spans are made, so that their
 * context travels and logs carry it, but none is exported.
 */
export async function startTracing(settings: {
  serviceName: string;
  env: NodeJS.ProcessEnv;
}): Promise<Tracing> {
  const { env } = settings;
  const exports = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return exports ? exportSpans(settings.serviceName, env) : makeSpans();
}

/** A batch of the reconciler's links to each of its tasks; the SDK would keep 128. */
const mostLinks = 200;

/** The SDK brings every exporter, 30 MB in all: a process that exports nothing need not have it. */
async function exportSpans(serviceName: string, env: NodeJS.ProcessEnv): Promise<Tracing> {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    // For the SDK a name that is given counts for more than any variable, and without one it may find none.
    serviceName: serviceNameOf(env, serviceName),
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    ...(env['OTEL_SPAN_LINK_COUNT_LIMIT'] ? {} : { spanLimits: { linkCountLimit: mostLinks } }),
  });
  sdk.start();
  return sdk;
}

function makeSpans(): Tracing {
  const provider = new TracerProvider();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return provider;
}
