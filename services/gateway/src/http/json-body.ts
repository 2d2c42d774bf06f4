import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Bodies are JSON in UTF-8 (RFC 8259), and one that is not is refused, where Fastify would replace its bytes. Routes that take none
 * let an empty one pass: many clients send the content type along with each request.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: Done) => {
      if (body.length === 0 && !request.routeOptions.schema?.body) return done(null, undefined);
      const text = decode(body);
      if (text === null) return done(notUtf8());
      parseJson(request, text, done);
    },
  );
}

function decode(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

const notUtf8 = () =>
  new TaskError('bad_request', { errors: [{ field: 'body', rule: 'must be well-formed UTF-8' }] });
