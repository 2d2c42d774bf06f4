import { ruleOf } from '@tickwork/runtime/process/rule';
import type { FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { type FieldError, TaskError } from '../tasks/errors.ts';

const mostUnknown = 20;

/**
 * Compiles a flat object's schema. What it refuses is named all at once: a field's refinements each say their own rule, anything
 * else about it is its schema's `rule`. (TypeBox's own list ends after eight errors, and unknown fields come first in it.)
 */
export const compileValidator: FastifySchemaCompiler<Type.TObject> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (given) => {
    const value = httpPart === 'querystring' ? readQuery(schema, given) : given;
    if (compiled.Check(value)) return { value };
    // A path that can't be one of ours leads nowhere.
    if (httpPart === 'params') return { error: new TaskError('not_found') };
    return { error: new TaskError('invalid', { errors: errorsOf(schema, value) }) };
  };
};

/** A query is text: each field is read as its schema has it. What can't be stays as it is, and is refused. */
function readQuery({ properties }: Type.TObject, query: Record<string, unknown>): Record<string, unknown> {
  const read = (name: string, value: unknown) => {
    const field = properties[name];
    if (Type.IsArray(field)) return [value].flat();
    if (Type.IsInteger(field) && /^\d{1,15}$/.test(String(value))) return Number(value);
    if (Type.IsBoolean(field) && (value === 'true' || value === 'false')) return value === 'true';
    return value;
  };
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, read(name, value)]));
}

function errorsOf(schema: Type.TObject, value: unknown): FieldError[] {
  if (!isObject(value)) return [{ field: 'body', rule: 'must be a JSON object' }];
  const known = Object.entries(schema.properties);
  const isClosed = 'additionalProperties' in schema;
  const unknown = (isClosed ? Object.keys(value) : []).filter(
    (name) => !Object.hasOwn(schema.properties, name),
  );
  return [
    ...known.flatMap(([name, field]) => rulesOf(field, value[name]).map((rule) => ({ field: name, rule }))),
    ...unknown.slice(0, mostUnknown).map((name) => ({ field: name.slice(0, 100), rule: 'is not known' })),
  ];
}

/** The rules that a field breaks, in plain words. */
function rulesOf(field: Type.TSchema, value: unknown): string[] {
  if (value === undefined) return Type.IsOptional(field) ? [] : ['must be given'];
  const rules = Value.Errors(field, value).map(({ keyword, message }) =>
    keyword === '~refine' ? message : ruleOf(field),
  );
  return [...new Set(rules)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
