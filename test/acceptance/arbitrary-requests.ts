import fc from 'fast-check';
import { isOf, type Operation, type Parameter, type Schema } from './openapi-document.ts';

export interface ArbitraryRequest {
  /** By their places in the operation's parameters; each as texts, none where it is left out. */
  readonly values: readonly (readonly string[])[];
  readonly contentType: string | null;
  readonly body: string | null;
}

const mostly = <One, Other>(usual: fc.Arbitrary<One>, rare: fc.Arbitrary<Other>) =>
  fc.oneof({ arbitrary: usual, weight: 5 }, { arbitrary: rare, weight: 1 });
/** Where limits are, and what has broken others. */
const numbers = fc.constantFrom(0, -1, 1.5, 201, 1e21);
const strings = fc.constantFrom('', ' ', 'null', '\u0000', '\ud800', 'x'.repeat(8001));
const texts = fc.oneof(strings, numbers.map(String), fc.string({ unit: 'binary' }));

/** Requests to an operation: as it is documented, nearly so, and not at all. An id in the path is mostly one of `ids`. */
export function arbitraryRequests(
  operation: Operation,
  ids: readonly string[],
): fc.Arbitrary<ArbitraryRequest> {
  const { parameters, body } = operation;
  return fc.record({
    values: fc.tuple(...parameters.map((parameter) => valuesOf(parameter, ids))),
    contentType: mostly(
      fc.constant('application/json'),
      fc.constantFrom(...(body ? [null, 'text/plain'] : [null])),
    ),
    body: body ? mostly(bodies(body), fc.oneof(fc.constant(null), fc.string())) : fc.constant(null),
  });
}

function valuesOf({ in: place, schema }: Parameter, ids: readonly string[]): fc.Arbitrary<string[]> {
  const single = (value: string) => [value];
  if (place === 'path') return mostly(fc.constantFrom(...ids), fc.oneof(fc.uuid(), texts)).map(single);
  const right = valid(schema).map((value) => [value].flat().map(String));
  // HTTP lets a header hold no more, and drops the spaces around it.
  const wrongHeader = fc.stringMatching(/^[\x21-\x7e\xa1-\xff]{1,300}$/).map(single);
  const wrong = place === 'header' ? wrongHeader : fc.array(texts, { minLength: 1, maxLength: 3 });
  const given = mostly(right, wrong).map((values) =>
    values.map((text) => (place === 'header' ? text.trim() : text)),
  );
  return fc.oneof(fc.constant<string[]>([]), given);
}

/** As the schema has them, with a field that it may not have, and anything else. */
function bodies(schema: Schema): fc.Arbitrary<string> {
  const names = [...Object.keys(schema.properties ?? {}), 'unknown'];
  const change = fc.tuple(fc.constantFrom(...names), fc.oneof(numbers, strings, fc.jsonValue()));
  const changed = fc
    .tuple(valid(schema), change)
    .map(([body, [name, value]]) => ({ ...Object(body), [name]: value }));
  return mostly(fc.oneof(valid(schema), changed), fc.jsonValue()).map((body) => JSON.stringify(body));
}

/** What a schema lets through. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  const { minimum: min = 0, maximum: max = 2 ** 31 - 1, items = {}, properties = {}, required = [] } = schema;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'integer') return fc.integer({ min, max });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array') {
    return fc.array(valid(items), { minLength: schema.minItems ?? 0, maxLength: schema.maxItems ?? 10 });
  }
  if (schema.type === 'object') {
    const fields = Object.entries(properties).map(([name, field]) => [name, valid(field)] as const);
    return fc.record<Record<string, unknown>>(Object.fromEntries(fields), { requiredKeys: [...required] });
  }
  return validText(schema);
}

function validText(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'date-time') {
    const years = { min: new Date('0001-01-01'), max: new Date('9999-12-31') };
    return fc.date({ ...years, noInvalidDate: true }).map((date) => date.toISOString());
  }
  const text = schema.pattern ? fc.stringMatching(new RegExp(schema.pattern)) : fc.string();
  return text.filter((value) => value.isWellFormed() && isOf(schema, value));
}

/** Whether a request to an operation is as the document has it. */
export function isDocumented({ parameters, body }: Operation, request: ArbitraryRequest): boolean {
  const isRight = ({ required = false, schema }: Parameter, texts: readonly string[] = []) =>
    texts.length === 0 ? !required : isOf(schema, read(schema, texts));
  if (!parameters.every((parameter, index) => isRight(parameter, request.values[index]))) return false;
  if (body === null) return true;
  return request.contentType === 'application/json' && isOf(body, parsed(request.body));
}

/** What stands for a value of the schema in a URL. */
function read(schema: Schema, texts: readonly string[]): unknown {
  const [text = ''] = texts;
  if (schema.type === 'array') return texts;
  if (texts.length > 1) return texts;
  if (schema.type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema.type === 'boolean') return ['true', 'false'].includes(text) ? text === 'true' : text;
  return text;
}

/** JSON Schema has no word for a text that is not Unicode: here it is no text. */
function parsed(text: string | null): unknown {
  const unicode = (_name: string, value: unknown) =>
    typeof value === 'string' && !value.isWellFormed() ? Number.NaN : value;
  try {
    return JSON.parse(text ?? '', unicode);
  } catch {
    return undefined;
  }
}
