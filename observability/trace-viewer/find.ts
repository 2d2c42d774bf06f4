import type { Link, Span } from './otlp.ts';
import type { Trace } from './store.ts';
import { type Extent, extentOf, rootsOf } from './waterfall.ts';

export interface Summary extends Extent {
  readonly traceId: string;
  /** Of the earliest root. */
  readonly name: string;
  readonly service: string;
  readonly spans: number;
  /** Whether any span did. */
  readonly failed: boolean;
}

export function summarize({ traceId, spans }: Trace): Summary {
  const [root] = rootsOf(spans);
  return {
    traceId,
    name: root?.name ?? '',
    service: root?.service ?? '',
    spans: spans.length,
    failed: spans.some(({ failed }) => failed),
    ...extentOf(spans),
  };
}

export interface Filter {
  /** One whose spans are in the trace. */
  readonly service: string;
  readonly failed: boolean;
  readonly correlationId: string;
}

/** Newest first; those of one task from its submit on. An empty filter takes all. */
export function findTraces(traces: readonly Trace[], filter: Filter): Summary[] {
  return traces
    .filter(({ spans }) => matches(spans, filter))
    .map(summarize)
    .toSorted((one, other) => (other.startMs - one.startMs) * (filter.correlationId ? -1 : 1));
}

function matches(spans: readonly Span[], { service, failed, correlationId }: Filter): boolean {
  const has = (wanted: boolean, test: (span: Span) => boolean) => !wanted || spans.some(test);
  return (
    has(service !== '', (span) => span.service === service) &&
    has(failed, (span) => span.failed) &&
    has(correlationId !== '', (span) => span.attributes['tickwork.task.correlation_id'] === correlationId)
  );
}

export const servicesOf = (traces: readonly Trace[]): string[] =>
  [...new Set(traces.flatMap(({ spans }) => spans.map(({ service }) => service)))].toSorted();

export interface Linked {
  readonly traceId: string;
  /** Null where it is not kept. */
  readonly summary: Summary | null;
  /** The names of the spans that link. */
  readonly by: readonly string[];
}

/** The traces that spans of this one name as links. */
export function linksFrom(trace: Trace, find: (traceId: string) => Trace | undefined): Linked[] {
  const links = trace.spans.flatMap(({ name, links }) => links.map(({ traceId }) => ({ name, traceId })));
  const others = links.filter(({ traceId }) => traceId !== trace.traceId);
  return [...Map.groupBy(others, ({ traceId }) => traceId)].map(([traceId, group]) => {
    const found = find(traceId);
    return {
      traceId,
      summary: found ? summarize(found) : null,
      by: [...new Set(group.map(({ name }) => name))],
    };
  });
}

/** The traces with spans that have a link to this one, newest first. */
export function linksTo({ traceId }: Trace, traces: readonly Trace[]): Linked[] {
  const names = (links: readonly Link[]) => links.some((link) => link.traceId === traceId);
  return traces
    .filter((trace) => trace.traceId !== traceId)
    .flatMap((trace) => {
      const by = trace.spans.filter(({ links }) => names(links)).map(({ name }) => name);
      return by.length === 0 ? [] : [{ trace, by: [...new Set(by)] }];
    })
    .map(({ trace, by }) => ({ traceId: trace.traceId, summary: summarize(trace), by }))
    .toSorted((one, other) => other.summary.startMs - one.summary.startMs);
}
