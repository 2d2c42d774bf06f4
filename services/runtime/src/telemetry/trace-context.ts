import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

export { SpanKind };

/** The active span as a W3C traceparent, to go into a message or a record; null outside of any. */
export function currentTraceparent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? null;
}

/** Whether what runs now belongs to a trace. */
export const isTraced = (): boolean => trace.getActiveSpan() !== undefined;

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** A traceparent from outside; without one the active span is the parent. */
  readonly parent?: string | null;
  /** Begins a trace of its own, whatever is active. */
  readonly root?: boolean;
  /** Traceparents of what it has to do with; only those that are sampled count. */
  readonly links?: readonly (string | null)[];
}

/** Runs `run` in a span. A failure marks it by the error's type; its message may hold content. */
export function withSpan<Value>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, parent, root = false, links = [] }: SpanOptions,
  run: (span: Span) => Promise<Value>,
): Promise<Value> {
  const options = { kind, attributes, root, links: links.flatMap(linkTo) };
  return tracer().startActiveSpan(name, options, contextOf(parent), async (span) => {
    try {
      return await run(span);
    } catch (error) {
      failSpan(span, error instanceof Error ? error.name : 'unknown');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed, by a type of a closed set. */
export function failSpan(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** What took so long until now, as a span under the active one. Nothing was open meanwhile. */
export function recordSpan(name: string, seconds: number, attributes: Attributes): void {
  if (!isTraced()) return;
  const endTime = Date.now();
  const startTime = endTime - seconds * 1000;
  tracer().startSpan(name, { kind: SpanKind.INTERNAL, attributes, startTime }).end(endTime);
}

/** Runs `run` under a span that need not be open any more, as whatever it begins goes on with that trace. */
export function continueTrace<Value>(traceparent: string | null, run: () => Value): Value {
  return traceparent === null ? run() : context.with(contextOf(traceparent), run);
}

/** What `run` begins belongs to no trace, whoever asked for it. */
export const outsideTraces = <Value>(run: () => Value): Value => context.with(ROOT_CONTEXT, run);

/** `call` runs in the trace of now, from wherever it is called. */
export function inThisTrace<Given extends readonly unknown[], Value>(
  call: (...given: Given) => Value,
): (...given: Given) => Value {
  const here = context.active();
  return (...given) => context.with(here, () => call(...given));
}

/** Tells more of the active span. */
export function describeActiveSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** The active span has to do with that one, of another trace. */
export function linkActiveSpan(traceparent: string | null): void {
  const span = trace.getActiveSpan();
  if (span) span.addLinks(linkTo(traceparent));
}

const tracer = () => trace.getTracer('tickwork');

function contextOf(traceparent: string | null | undefined): Context {
  return traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : context.active();
}

function linkTo(traceparent: string | null): Link[] {
  if (traceparent === null) return [];
  const linked = trace.getSpanContext(contextOf(traceparent));
  const counts = linked && isSpanContextValid(linked) && linked.traceFlags & TraceFlags.SAMPLED;
  return counts ? [{ context: linked }] : [];
}
