import { collectTraces } from '../acceptance/collected-traces.ts';
import { waitFor } from '../stack/wait-for.ts';
import { startCollector } from './collector.ts';
import { emitSpans, newTraceId, type SpanToEmit } from './spans.ts';

type Backend = Awaited<ReturnType<typeof collectTraces>>;

/** A collector before a backend of its own. */
export async function startPipeline(env: Readonly<Record<string, string>>) {
  const backend = await collectTraces();
  const collector = await startCollector({
    OTLP_BACKEND_ENDPOINT: `http://127.0.0.1:${backend.port}`,
    ...env,
  });
  const emit = (...spans: SpanToEmit[]) =>
    emitSpans({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }, spans);
  const close = async () => {
    await collector.close();
    backend.close();
  };
  return { backend, collector, emit, close };
}

export type Pipeline = Awaited<ReturnType<typeof startPipeline>>;

export const namesOf = (backend: Backend, traceId: string) =>
  backend
    .spans()
    .filter((span) => span.traceId === traceId)
    .map(({ name }) => name)
    .toSorted();

export const arrival = (backend: Backend, traceId: string, ...names: string[]) =>
  waitFor(`${names} of a trace`, () => names.every((name) => namesOf(backend, traceId).includes(name)));

/** Until all that was emitted before has been judged: it goes in the order in which it came. */
export async function judged({ backend, emit }: Pipeline): Promise<void> {
  const traceId = newTraceId();
  await emit({ traceId, name: 'marker', error: 'marker' });
  await arrival(backend, traceId, 'marker');
}
