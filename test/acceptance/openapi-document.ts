import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/schema';

/** What our document uses of JSON Schema; references are resolved. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Documented extends Partial<Pick<Operation, 'parameters'>>, Pick<Operation, 'responses'> {
  readonly requestBody?: { readonly content: Content };
}

/** Every operation of the document that is committed. */
export function readOperations(): Operation[] {
  const file = join(import.meta.dirname, '../../docs/openapi.json');
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const paths = resolve(document.paths, document) as Record<string, Record<string, Documented>>;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
      responses,
    })),
  );
}

type Tree = { readonly [name: string]: unknown };

/** With what is referred to in the place of each reference. */
function resolve(node: unknown, document: Tree): unknown {
  if (Array.isArray(node)) return node.map((item) => resolve(item, document));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as Tree;
  if (typeof $ref === 'string') return resolve(at(document, $ref), document);
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolve(value, document)]));
}

function at(document: Tree, reference: string): unknown {
  const names = reference.replace(/^#\//, '').split('/');
  return names.reduce<unknown>((node, name) => (node as Tree)[name], document);
}

const compiled = new WeakMap<Schema, (value: unknown) => boolean>();

/** Whether a value is what a schema describes. */
export function isOf(schema: Schema, value: unknown): boolean {
  const known = compiled.get(schema);
  if (known) return known(value);
  const validator = Compile(schema);
  const check = (given: unknown) => validator.Check(given);
  compiled.set(schema, check);
  return check(value);
}
