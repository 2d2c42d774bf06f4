import type { Writable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { DetachableConnection } from './detachable-connections.ts';

/**
 * Answers 200 with these headers and those that hooks have set, and gives what the body goes to: it ends with its connection. From
 * then on the answer is no matter of Fastify's, nor, where the connection can be taken from it, of Node's HTTP.
 */
export function takeConnection(reply: FastifyReply, headers: Readonly<Record<string, string>>): Writable {
  const { raw } = reply;
  const { socket } = raw;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.removeHeader('transfer-encoding'); // which also keeps Node from adding it
  raw.writeHead(200, { ...headers, connection: 'close' }).flushHeaders();
  // One that came down the line behind another request has no connection of its own yet.
  if (!(socket instanceof DetachableConnection)) return raw;
  const connection = socket.detach();
  const drop = () => void connection.destroy();
  return connection.on('error', drop).on('timeout', drop).on('end', drop).resume();
}
