import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DetachableConnection, makeConnectionsDetachable } from './detachable-connections.ts';

/** A server whose connections can be taken, and a client's connection to it. */
async function startServer(handler: RequestListener) {
  const server = createServer(handler);
  makeConnectionsDetachable(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  onTestFinished(() => void client.destroy());
  return { server, client };
}

const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

function detach(socket: Socket): Socket {
  if (!(socket instanceof DetachableConnection)) throw new Error('it is not one that can be taken');
  return socket.detach();
}

test('until it is taken it serves requests as any: kept alive, with bodies both ways', async () => {
  const { client } = await startServer(async (incoming, response) => {
    const body = await text(incoming);
    response.end(`${incoming.url} ${incoming.socket.remoteAddress} ${body.length}`);
  });
  const large = 'x'.repeat(500_000);
  client.write(request('/one'));
  client.write(
    `POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\nConnection: close\r\n\r\n${large}`,
  );
  const answer = await text(client);
  expect(answer).toContain('/one 127.0.0.1 0');
  expect(answer).toContain('/two 127.0.0.1 500000');
});

test('what was written arrives, HTTP lets it go, and it serves on', async () => {
  const closed = vi.fn();
  const { server, client } = await startServer((incoming, response) => {
    response.on('close', closed);
    response.removeHeader('transfer-encoding');
    response.writeHead(200, { connection: 'close' }).flushHeaders();
    const socket = detach(incoming.socket);
    expect(socket.listenerCount('data')).toBe(0);
    socket.write('after');
    setImmediate(() => socket.end(' all'));
  });
  client.write(request('/'));
  const answer = await text(client);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nafter all$/);
  expect(closed).toHaveBeenCalledOnce();
  await untilClosed(server);
});

test('a large answer to a slow client waits for it', async () => {
  const size = 20_000_000;
  const { client } = await startServer((_incoming, response) => {
    expect(response.write(Buffer.alloc(size, 'x'))).toBe(false);
    response.once('drain', () => response.end('end'));
  });
  client.pause();
  client.write(request('/', 'Connection: close\r\n'));
  const answer = await text(client);
  expect(answer.length).toBeGreaterThan(size);
  expect(answer).toContain('end');
});

test('a client that goes ends it on both sides', async () => {
  const aborted = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<Socket>();
  const { client } = await startServer((incoming, response) => {
    response.on('close', aborted.resolve);
    arrived.resolve(incoming.socket);
  });
  client.write(request('/'));
  const socket = await arrived.promise;
  client.destroy();
  await aborted.promise;
  expect(socket.destroyed).toBe(true);
});

test('silence ends it as it ends any', async () => {
  const { server, client } = await startServer(() => {});
  server.setTimeout(50);
  const second = connect((server.address() as AddressInfo).port, '127.0.0.1');
  second.write(request('/'));
  await once(second.resume(), 'close');
  client.destroy();
});

function untilClosed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
