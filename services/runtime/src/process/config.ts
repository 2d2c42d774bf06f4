import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ruleOf } from './rule.ts';

/** A process' environment is wrong; the message names each variable and what it should be, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Every field says in `rule` what it should be. */
const ruled = <Schema extends TSchema>(schema: Schema, rule: string): Schema & { rule: string } =>
  Object.assign(schema, { rule });

export const text = (options: { default?: string; pattern?: string } = {}) =>
  ruled(
    Type.String({ minLength: 1, ...options }),
    options.pattern ? `must match ${options.pattern}` : 'must be set',
  );

export const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

/** `protocols` as URLs have them, colon included. */
export const url = (protocols: readonly string[]) =>
  ruled(
    Type.Refine(Type.String({ pattern: `^(${protocols.join('|')})//[^\\s]+$` }), (value) =>
      URL.canParse(value),
    ),
    `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );

export const count = (preset: number, { minimum, maximum }: { minimum: number; maximum: number }) =>
  ruled(
    Type.Integer({ default: preset, minimum, maximum }),
    `must be an integer from ${minimum} to ${maximum}`,
  );

export const milliseconds = (preset: number, limits: { minimum: number; maximum: number }) =>
  count(preset, limits);
export const port = (preset: number) => count(preset, { minimum: 0, maximum: 65_535 });

export const flag = (preset: boolean) => ruled(Type.Boolean({ default: preset }), 'must be true or false');

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logLevel = () =>
  ruled(Type.Enum([...levels], { default: 'info' }), `must be one of ${levels.join(', ')}`);

/** A prefix of Redis keys: no character that SCAN's pattern reads as a wildcard. */
export const keyPrefix = () =>
  Type.Optional(
    ruled(Type.String({ pattern: '^[A-Za-z0-9:_-]*$' }), 'may hold letters, digits, : _ and - only'),
  );

/** Reads the variables that `schema` names; '' counts as not set. Throws ConfigError with all that is wrong. */
export function loadConfig<Schema extends TObject>(schema: Schema, env: NodeJS.ProcessEnv): Static<Schema> {
  const given = Object.fromEntries(
    Object.entries(schema.properties).flatMap(([name, field]) => {
      const value = env[name];
      return value ? [[name, read(field, value)]] : [];
    }),
  );
  const config: unknown = Value.Default(schema, given);
  if (Value.Check(schema, config)) return config;
  const wrong = Object.entries(schema.properties).filter(([name, field]) => {
    const value = (config as Record<string, unknown>)[name];
    return value === undefined ? schema.required?.includes(name) : !Value.Check(field, value);
  });
  throw new ConfigError(wrong.map(([name, field]) => `${name} ${ruleOf(field)}`).join('; '));
}

function read(field: TSchema, value: string): unknown {
  if (Type.IsInteger(field)) return wholeNumber(value);
  if (Type.IsBoolean(field) && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** Strict: `1.5` and `10s` stay text, and so are refused, where a lenient reading would make them 1 and 10. */
function wholeNumber(value: string): number | string {
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
