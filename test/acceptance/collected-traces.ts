import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readSpans } from '../../observability/trace-viewer/otlp.ts';

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
    spans: () => batches.flatMap((batch) => readSpans(JSON.parse(batch))),
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
