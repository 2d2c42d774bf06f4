import { ruleOf } from '@tickwork/runtime/process/rule';
import type { Json } from '@tickwork/task/task';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

const ruled = <Schema extends TSchema>(schema: Schema, rule: string): Schema & { rule: string } =>
  Object.assign(schema, { rule });

const text = () => ruled(Type.String(), 'must be a string');
const bool = () => ruled(Type.Boolean(), 'must be true or false');

const schemas = {
  tick: Type.Object({ type: Type.Literal('tick'), notes: Type.Optional(text()) }),
  note: Type.Object({ type: Type.Literal('note'), notes: text() }),
  checkpoint: Type.Object({ type: Type.Literal('checkpoint'), state: Type.Unsafe<Json>(Type.Unknown()) }),
  result: Type.Object({
    type: Type.Literal('result'),
    success: bool(),
    deliverables: ruled(Type.Array(Type.String()), 'must be an array of strings'),
    notes: text(),
  }),
  error: Type.Object({
    type: Type.Literal('error'),
    message: ruled(Type.String({ minLength: 1 }), 'must be a string that is not empty'),
    retryable: Type.Optional(bool()),
    retry_after_ms: Type.Optional(
      ruled(Type.Integer({ minimum: 0, maximum: 86_400_000 }), 'must be an integer from 0 to 86400000'),
    ),
  }),
};
type EventType = keyof typeof schemas;
export type ServiceEvent = { [Name in EventType]: Static<(typeof schemas)[Name]> }[EventType];

/** What the service said is not what the protocol asks for; the message names field and rule, never the content. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads one event. Null for a type that isn't known, which is a newer protocol's; fields that aren't known stay. */
export function readEvent(json: string): ServiceEvent | null {
  const event = parse(json);
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') {
    throw new ProtocolError('an event must be a JSON object with a type');
  }
  const { type } = event;
  if (!isKnown(type)) return null;
  const fields: [string, TSchema][] = Object.entries(schemas[type].properties);
  const wrong = fields.flatMap(([name, field]) => {
    const rule = brokenRule(field, (event as Record<string, unknown>)[name]);
    return rule === null ? [] : [`${name} ${rule}`];
  });
  if (wrong.length === 0) return event as ServiceEvent;
  throw new ProtocolError(`in an event ${type}, ${wrong.join('; ')}`);
}

const isKnown = (type: string): type is EventType => Object.hasOwn(schemas, type);

function brokenRule(field: TSchema, value: unknown): string | null {
  if (value === undefined) return Type.IsOptional(field) ? null : 'must be given';
  return Value.Check(field, value) ? null : ruleOf(field);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ProtocolError('an event must be JSON');
  }
}
