import { type Span, trace } from '@opentelemetry/api';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import type { SpanToEmit } from './spans.ts';

/** Makes the spans of its argument as Tickwork's processes do, exports them, and ends. */
async function emit(span: SpanToEmit) {
  const { name, traceId, kind = 'INTERNAL', attributes = {}, seconds, error, library } = span;
  const parent = traceId ? `00-${traceId}-b7ad6b7169203331-01` : null;
  await withSpan(name, { kind: SpanKind[kind], attributes, parent }, async (span) => {
    if (error !== undefined) {
      span.recordException(new Error(error));
      span.setStatus({ code: 2, message: error });
    }
    if (library !== undefined) emitOfLibrary(span, library);
    if (seconds !== undefined) span.end(Date.now() + seconds * 1000);
  });
}

function emitOfLibrary(parent: Span, told: string): void {
  const attributes = { 'ai.prompt.messages': told, 'url.path': told, 'db.system.name': 'postgresql' };
  const links = [{ context: parent.spanContext(), attributes: { told } }];
  const span = trace.getTracer('library').startSpan('library', { kind: SpanKind.CLIENT, attributes, links });
  span.addEvent(told, { 'gen_ai.choice': told });
  span.end();
}

const tracing = await startTracing({ serviceName: 'tickwork-test', env: process.env });
for (const span of JSON.parse(process.argv[2] ?? '[]') as SpanToEmit[]) await emit(span);
await tracing.shutdown();
