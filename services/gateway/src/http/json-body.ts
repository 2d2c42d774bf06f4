import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';
import { duplicateFields } from './duplicate-fields.ts';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Bodies are JSON in UTF-8 (RFC 8259), and one that is not is refused, where Fastify would replace its bytes; so is a field that
 * comes twice, where the last would count. Routes that take none let an empty one pass: many clients send the content type along with
 * each request.
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
      if (text === null) {
        const errors = [{ field: 'body', rule: 'must be well-formed UTF-8' }];
        return done(new TaskError('bad_request', { errors }));
      }
      parseJson(request, text, (error: Error | null, parsed: unknown) =>
        done(error ?? repeated(text), parsed),
      );
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

function repeated(text: string): TaskError | null {
  const errors = duplicateFields(text)
    .slice(0, 20)
    .map((name) => ({ field: name.slice(0, 100), rule: 'must be given once' }));
  return errors.length > 0 ? new TaskError('invalid', { errors }) : null;
}
