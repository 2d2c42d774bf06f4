import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import type { SpanToEmit } from './spans.ts';

/** Makes the spans of its argument as Tickwork's processes do, exports them, and ends. */
async function emit({ name, traceId, kind = 'INTERNAL', attributes = {}, seconds, error }: SpanToEmit) {
  const parent = traceId ? `00-${traceId}-b7ad6b7169203331-01` : null;
  await withSpan(name, { kind: SpanKind[kind], attributes, parent }, async (span) => {
    if (error !== undefined) {
      span.recordException(new Error(error));
      span.setStatus({ code: 2, message: error });
    }
    if (seconds !== undefined) span.end(Date.now() + seconds * 1000);
  });
}

const tracing = await startTracing({ serviceName: 'tickwork-test', env: process.env });
for (const span of JSON.parse(process.argv[2] ?? '[]') as SpanToEmit[]) await emit(span);
await tracing.shutdown();
