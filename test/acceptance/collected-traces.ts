import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Takes what OpenTelemetry exports, as JSON; on any free port if none is said. */
export async function collectTraces(wanted = 0) {
  const batches: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    batches.push(await text(request));
    headers.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** All that came so far. */
    text: () => batches.join('\n'),
    spans: () => batches.flatMap(spansOf),
    /** Of each request. */
    headers: () => headers,
    port,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface CollectedSpan {
  readonly service: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly seconds: number;
  readonly failed: boolean;
}

/** By the numbers of opentelemetry/proto/trace/v1. */
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const errorCode = 2;

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** A collector leaves out what is empty. */
  readonly attributes?: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}
interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

function spansOf(batch: string): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(batch) as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const resourceAttributes = toRecord(resource.attributes);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => toSpan(resourceAttributes, span)));
  });
}

function toSpan(resource: Readonly<Record<string, unknown>>, span: OtlpSpan): CollectedSpan {
  const { name, traceId, spanId, parentSpanId, links = [] } = span;
  return {
    ...{ resource, name, traceId, spanId, links },
    service: String(resource['service.name']),
    parentSpanId: parentSpanId || null,
    kind: kinds[span.kind] ?? 'unknown',
    attributes: toRecord(span.attributes),
    seconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9,
    failed: span.status.code === errorCode,
  };
}

function toRecord(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
