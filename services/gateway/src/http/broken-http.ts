import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { problemType, sendProblem, toProblem } from './problem.ts';

/** What Fastify refuses before a route: a URL that can't be decoded or is too long. No hook runs for it. */
export function refuseUrl(error: unknown, _request: unknown, reply: FastifyReply): void {
  sendProblem(reply, toProblem(error, null));
}

/** What Node can't read as HTTP, or waited for too long: answered on the bare connection, which ends. */
export function refuseConnection(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = toProblem({ statusCode: 400, code: error.code ?? '' }, null);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
