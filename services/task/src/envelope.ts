import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TaskKey } from './task.ts';

/** Code points, not UTF-16 units: what Postgres' char_length counts. */
export const maxMandateLength = 8000;
export const maxTicksLimit = 200;
export const defaultMaxTicks = 50;

const uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

const schema = Type.Object({
  v: Type.Literal(1),
  id: uuid,
  correlation_id: uuid,
  user_id: uuid,
  mandate: Type.String({ minLength: 1 }),
  max_ticks: Type.Integer({ minimum: 1, maximum: maxTicksLimit }),
  traceparent: Type.Optional(Type.String()),
});
const compiled = Compile(schema);

/** The message in RabbitMQ: all that a worker is told of a task. */
export interface Envelope extends TaskKey {
  readonly userId: string;
  readonly mandate: string;
  readonly maxTicks: number;
  readonly traceparent: string | null;
}

export function encodeEnvelope(envelope: Envelope): Buffer {
  const message: Static<typeof schema> = {
    v: 1,
    id: envelope.id,
    correlation_id: envelope.correlationId,
    user_id: envelope.userId,
    mandate: envelope.mandate,
    max_ticks: envelope.maxTicks,
    ...(envelope.traceparent === null ? {} : { traceparent: envelope.traceparent }),
  };
  return Buffer.from(JSON.stringify(message));
}

/** Reads a message. Throws with the field and the rule, never with the content; fields it does not know are a newer version's. */
export function decodeEnvelope(content: Uint8Array): Envelope {
  const message = parse(content);
  if (!compiled.Check(message)) {
    const [first] = compiled.Errors(message);
    throw new Error(
      `the envelope's ${first?.instancePath.slice(1) || 'body'} ${first?.message ?? 'is wrong'}`,
    );
  }
  return {
    id: message.id,
    correlationId: message.correlation_id,
    userId: message.user_id,
    mandate: message.mandate,
    maxTicks: message.max_ticks,
    traceparent: message.traceparent ?? null,
  };
}

function parse(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    throw new Error("the envelope's body must be JSON in UTF-8");
  }
}
