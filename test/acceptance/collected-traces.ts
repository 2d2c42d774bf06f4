import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readSpans } from '../../observability/trace-viewer/otlp.ts';
import { exportTo } from '../stack/observability.ts';

/** Takes what OpenTelemetry exports, as JSON; on any free port if none is said. */
export async function collectTraces(wanted = 0) {
  const batches: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    batches.push(await text(request));
    headers.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    /** All that came so far. */
    text: () => batches.join('\n'),
    spans: () => batches.flatMap((batch) => readSpans(JSON.parse(batch))),
    /** Of each request. */
    headers: () => headers,
    port,
    env: exportTo(`http://127.0.0.1:${port}`, { delayMs: 100 }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
