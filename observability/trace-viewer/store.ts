import type { Span } from './otlp.ts';

export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  /** How many came that a trace of this size has no place for. */
  readonly dropped: number;
}

export interface TraceStore {
  add(spans: readonly Span[]): void;
  get(traceId: string): Trace | undefined;
  all(): Trace[];
}

interface Entry {
  readonly span: Span;
  readonly bytes: number;
}

interface Kept {
  /** By id, as an export that is sent again counts once: those that are neither roots nor failed, those that failed, and roots. */
  readonly ranks: readonly Map<string, Entry>[];
  bytes: number;
  dropped: number;
}

const rankOf = ({ parentSpanId, failed }: Span) => (parentSpanId === null ? 2 : failed ? 1 : 0);

/**
 * Keeps at most `maxBytes` of spans, as their JSON has them. The trace that got no span for longest goes first, as a whole. One alone may
 * have a tenth of the place: then its oldest spans go, and roots and those that failed last.
 */
export function createTraceStore({ maxBytes }: { maxBytes: number }): TraceStore {
  const mostPerTrace = maxBytes / 10;
  const traces = new Map<string, Kept>();
  let bytes = 0;

  function addOne(span: Span): void {
    const trace = traces.get(span.traceId) ?? emptyTrace();
    traces.delete(span.traceId); // so that it goes to the end
    traces.set(span.traceId, trace);
    for (const rank of trace.ranks) remove(trace, rank, span.spanId);
    const entry = { span, bytes: Buffer.byteLength(JSON.stringify(span)) };
    trace.ranks[rankOf(span)]?.set(span.spanId, entry);
    trace.bytes += entry.bytes;
    bytes += entry.bytes;
    while (trace.bytes > mostPerTrace && countOf(trace) > 1) dropOne(trace);
  }

  function remove(trace: Kept, rank: Map<string, Entry>, spanId: string): void {
    const size = rank.get(spanId)?.bytes ?? 0;
    rank.delete(spanId);
    trace.bytes -= size;
    bytes -= size;
  }

  function dropOne(trace: Kept): void {
    const rank = trace.ranks.find(({ size }) => size > 0);
    const [oldest] = rank?.keys() ?? [];
    if (!rank || oldest === undefined) return;
    remove(trace, rank, oldest);
    trace.dropped++;
  }

  function dropOldest(): void {
    for (const [traceId, trace] of traces) {
      if (bytes <= maxBytes) return;
      traces.delete(traceId);
      bytes -= trace.bytes;
    }
  }

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

const emptyTrace = (): Kept => ({ ranks: [new Map(), new Map(), new Map()], bytes: 0, dropped: 0 });

const countOf = ({ ranks }: Kept) => ranks.reduce((sum, { size }) => sum + size, 0);

const toTrace = (traceId: string, { ranks, dropped }: Kept): Trace => ({
  traceId,
  spans: ranks.flatMap((rank) => [...rank.values()].map(({ span }) => span)),
  dropped,
});
