import type { Span } from './otlp.ts';

export interface Row {
  readonly span: Span;
  readonly depth: number;
  /** Of the whole trace, from 0 to 1. */
  readonly offset: number;
  readonly width: number;
  /** What is odd about its place: a parent that is not here, spans that are each other's parents, a start before the parent's. */
  readonly oddity: 'orphan' | 'cycle' | 'early' | null;
}

export interface Extent {
  readonly startMs: number;
  readonly durationMs: number;
}

/** From the first start to the last end, by the clocks of all hosts. */
export function extentOf(spans: readonly Span[]): Extent {
  const startMs = spans.reduce((least, span) => Math.min(least, span.startMs), Number.POSITIVE_INFINITY);
  const endMs = spans.reduce((most, span) => Math.max(most, span.startMs + span.durationMs), startMs);
  return { startMs, durationMs: endMs - startMs };
}

/** Those under which all others lie, the earliest first. Where all spans are each other's parents, the earliest is one. */
export function rootsOf(spans: readonly Span[]): Span[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const sorted = inOrder(spans);
  const roots = sorted.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId));
  return roots.length > 0 ? roots : sorted.slice(0, 1);
}

/** Every span once, each under its parent, siblings by their start. */
export function waterfall(spans: readonly Span[]): Row[] {
  const whole = extentOf(spans);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const children = Map.groupBy(inOrder(spans), ({ parentSpanId }) => parentSpanId);
  const left = new Set(inOrder(spans));
  const rows: Row[] = [];

  function walk(root: Span): void {
    // A list in place of calls: a trace may be deeper than the stack.
    const stack = [{ span: root, depth: 0 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { span, depth } = next;
      if (!left.delete(span)) continue;
      const parent = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
      rows.push({ span, depth, ...placeIn(whole, span), oddity: oddityOf(span, parent, depth) });
      const under = children.get(span.spanId) ?? [];
      stack.push(...under.toReversed().map((child) => ({ span: child, depth: depth + 1 })));
    }
  }
  rootsOf(spans).forEach(walk);
  // What no root leads to are cycles; each is entered at its earliest span.
  for (const span of left) walk(span);
  return rows;
}

const inOrder = (spans: readonly Span[]) => spans.toSorted((one, other) => one.startMs - other.startMs);

function placeIn(whole: Extent, { startMs, durationMs }: Span): { offset: number; width: number } {
  if (whole.durationMs === 0) return { offset: 0, width: 1 };
  return {
    offset: (startMs - whole.startMs) / whole.durationMs,
    width: durationMs / whole.durationMs,
  };
}

function oddityOf(span: Span, parent: Span | undefined, depth: number): Row['oddity'] {
  if (span.parentSpanId === null) return null;
  if (!parent) return 'orphan';
  if (depth === 0) return 'cycle';
  return span.startMs < parent.startMs ? 'early' : null;
}
