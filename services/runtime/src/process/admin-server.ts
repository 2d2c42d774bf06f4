import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** Answering at all shows that the event loop turns. */
  readonly isLive: () => boolean;
  readonly isReady: () => boolean;
}

export interface AdminServer {
  /** The one that was given, or for 0 the one that was free. */
  readonly port: number;
  close(): Promise<void>;
}

/** `/metrics`, `/live` and `/ready` on a port of their own, which no Service exposes. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host, port, registry, isLive, isReady } = options;
  const server = createServer((request, response) => {
    switch (request.url) {
      case '/live':
        return state(response, isLive(), 'live');
      case '/ready':
        return state(response, isReady(), 'ready');
      case '/metrics':
        return void metrics(response, registry);
      default:
        return send(response, 404, 'text/plain', 'not found\n');
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address && typeof address === 'object' ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function state(response: ServerResponse, good: boolean, word: string): void {
  send(
    response,
    good ? 200 : 503,
    'application/json',
    JSON.stringify({ status: good ? word : `not ${word}` }),
  );
}

async function metrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    send(response, 200, registry.contentType, await registry.metrics());
  } catch {
    send(response, 500, 'text/plain', 'the metrics could not be collected\n');
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}
