import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readSpans } from '../../observability/trace-viewer/otlp.ts';

/** Takes what OpenTelemetry exports, as JSON. */
export async function collectTraces() {
  const batches: string[] = [];
  const server = createServer(async (request, response) => {
    batches.push(await text(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** All that came so far. */
    text: () => batches.join('\n'),
    spans: () => batches.flatMap((batch) => readSpans(JSON.parse(batch))),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    close: () => void server.close(),
  };
}
