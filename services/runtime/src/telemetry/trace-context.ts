import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export { SpanKind };

/** The active span as a W3C traceparent, to go into a message or a record; null outside of any. */
export function currentTraceparent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? null;
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** A traceparent from outside; without one the active span is the parent. */
  readonly parent?: string | null;
}

/** Runs `run` in a span. A failure marks it by the error's type; its message may hold content. */
export function withSpan<Value>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, parent }: SpanOptions,
  run: (span: Span) => Promise<Value>,
): Promise<Value> {
  const base = parent ? propagation.extract(ROOT_CONTEXT, { traceparent: parent }) : context.active();
  return trace.getTracer('tickwork').startActiveSpan(name, { kind, attributes }, base, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
