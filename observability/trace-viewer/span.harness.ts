import type { Span } from './otlp.ts';

/** For tests: a span of 10 ms that has nothing to do with others. */
export const spanOf = (given: Partial<Span> = {}): Span => ({
  ...{ service: 'gateway', name: 'work', kind: 'internal', traceId: 't', spanId: 's', parentSpanId: null },
  ...{ startMs: 1000, durationMs: 10, resource: {}, attributes: {}, links: [], dropped: 0, failed: false },
  ...given,
});
