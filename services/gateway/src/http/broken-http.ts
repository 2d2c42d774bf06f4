import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { currentTraceparent, SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayEmitter } from '../events.ts';
import { browserHeaders } from './browser-headers.ts';
import type { Origins } from './origins.ts';
import { type Problem, problemType, sendProblem, toProblem } from './problem.ts';

export interface BrokenHttpDependencies {
  readonly events: GatewayEmitter;
  readonly origins: Origins;
}

/** Answers to what never becomes a request of a route: no hook runs for it, so each has its trace and is told here. */
export function createRefusals({ events, origins }: BrokenHttpDependencies) {
  function refuse(error: unknown, parent: string | null, answer: (problem: Problem) => void): void {
    // As the conventions call a method that nobody knows.
    const attributes = { 'http.request.method': '_OTHER' };
    void withSpan('HTTP', { kind: SpanKind.SERVER, attributes, parent }, async (span) => {
      const problem = toProblem(error, currentTraceparent()?.split('-')[1] ?? null);
      span.setAttribute('http.response.status_code', problem.status);
      answer(problem);
      events.emit('problem', { code: problem.code });
      events.emit('responded', { method: 'unknown', route: 'unknown', status: problem.status, seconds: 0 });
    });
  }

  return {
    /** What Fastify refuses before a route: a URL that can't be decoded or is too long. */
    refuseUrl(error: unknown, { headers }: FastifyRequest, reply: FastifyReply): void {
      const { traceparent } = headers;
      refuse(error, typeof traceparent === 'string' ? traceparent : null, (problem) =>
        sendProblem(reply.headers(browserHeaders(origins, headers.origin)), problem),
      );
    },

    /** What Node can't read as HTTP, or waited for too long: answered on the bare connection, which ends. */
    refuseConnection(error: { readonly code?: string }, socket: Socket): void {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      refuse({ statusCode: 400, code: error.code ?? '' }, null, (problem) => {
        const body = JSON.stringify(problem);
        const headers = {
          ...browserHeaders(origins, undefined),
          'content-type': problemType,
          'content-length': Buffer.byteLength(body),
          connection: 'close',
        };
        const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`].concat(
          Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        );
        socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
      });
    },
  };
}
