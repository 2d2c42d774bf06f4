import type { Span } from './otlp.ts';

export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  /** How many came that a trace of this size has no place for. */
  readonly refused: number;
}

export interface TraceStore {
  add(spans: readonly Span[]): void;
  get(traceId: string): Trace | undefined;
  all(): Trace[];
}

interface Kept {
  /** By id: an export that is sent again counts once. */
  readonly spans: Map<string, Span>;
  refused: number;
}

/** Keeps at most `maxSpans`. The trace that got no span for longest goes first, as a whole; one alone may have a tenth of the place. */
export function createTraceStore({ maxSpans }: { maxSpans: number }): TraceStore {
  const mostPerTrace = Math.ceil(maxSpans / 10);
  const traces = new Map<string, Kept>();
  let count = 0;

  function addOne(span: Span): void {
    const trace = traces.get(span.traceId) ?? { spans: new Map(), refused: 0 };
    traces.delete(span.traceId); // so that it goes to the end
    traces.set(span.traceId, trace);
    const isNew = !trace.spans.has(span.spanId);
    if (isNew && trace.spans.size >= mostPerTrace) {
      trace.refused++;
      return;
    }
    trace.spans.set(span.spanId, span);
    if (isNew) count++;
  }

  function dropOldest(): void {
    for (const [traceId, { spans }] of traces) {
      if (count <= maxSpans) return;
      traces.delete(traceId);
      count -= spans.size;
    }
  }

  const toTrace = (traceId: string, { spans, refused }: Kept): Trace => ({
    traceId,
    spans: [...spans.values()],
    refused,
  });

  return {
    add: (spans) => {
      spans.forEach(addOne);
      dropOldest();
    },
    get: (traceId) => {
      const trace = traces.get(traceId);
      return trace && toTrace(traceId, trace);
    },
    all: () => [...traces].map(([traceId, trace]) => toTrace(traceId, trace)),
  };
}
