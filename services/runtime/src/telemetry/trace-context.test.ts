import type { Attributes, Link, Span } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import {
  continueTrace,
  currentTraceparent,
  inThisTrace,
  linkActiveSpan,
  outsideTraces,
  withSpan,
} from './trace-context.ts';
import { startTracing } from './tracing.ts';

const tracing = await startTracing({ serviceName: 'test', env: {} });
afterAll(() => tracing.shutdown());

/** What the SDK's spans tell of themselves. */
type Told = Span & {
  readonly links: readonly Link[];
  readonly attributes: Attributes;
  readonly ended: boolean;
};
const told = (span: Span) => span as Told;

const traceId = '0af7651916cd43dd8448eb211c80319c';
const sampled = `00-${traceId}-b7ad6b7169203331-01`;
const unsampled = `00-${traceId}-b7ad6b7169203332-00`;

test('links go to traces that are sampled, and to nothing that is no traceparent', async () => {
  await withSpan('x', { links: [sampled, unsampled, null, 'nonsense'] }, async (span) => {
    linkActiveSpan(null);
    linkActiveSpan(unsampled);
    expect(told(span).links.map(({ context }) => context.spanId)).toEqual(['b7ad6b7169203331']);
    linkActiveSpan(sampled);
    expect(told(span).links).toHaveLength(2);
  });
});

test('a failure is told by its type alone', async () => {
  let failed: Span | undefined;
  const failing = withSpan('x', {}, async (span) => {
    failed = span;
    throw new TypeError('what a user wrote');
  });
  await expect(failing).rejects.toThrow();
  expect(told(failed as Span).attributes).toEqual({ 'error.type': 'TypeError' });
  expect(told(failed as Span)).toMatchObject({ status: { code: 2 }, ended: true, events: [] });
  expect((failed as unknown as { status: object }).status).not.toHaveProperty('message');
});

test('what comes after a span goes on with its trace, and no span is open', async () => {
  const over = await withSpan('x', {}, async () => currentTraceparent());
  expect(currentTraceparent()).toBeNull();
  await continueTrace(over, async () => {
    expect(currentTraceparent()).toBe(over);
    await Promise.resolve();
    const later = inThisTrace(() => currentTraceparent());
    expect(outsideTraces(() => currentTraceparent())).toBeNull();
    expect(await withSpan('y', {}, async () => later())).toBe(over);
  });
  expect(continueTrace(null, () => currentTraceparent())).toBeNull();
});

test('a root is a trace of its own', async () => {
  const inner = await continueTrace(sampled, () =>
    withSpan('x', { root: true }, async () => currentTraceparent()),
  );
  expect(inner).not.toContain(traceId);
});
