import type { FastifyReply } from 'fastify';

/** Aborts when the client has its answer or is gone. (A request's own `close` comes as soon as its body has been read.) */
export function untilAnswered(reply: FastifyReply): AbortSignal {
  const answered = new AbortController();
  reply.raw.once('close', () => answered.abort());
  return answered.signal;
}
