import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { newTaskSchema } from '../schemas/new-task.ts';
import { problemSchema } from '../schemas/problem.ts';
import { taskSchema } from '../schemas/task.ts';

/** Schemas that are named in the document; wherever they are used it refers to them. */
const components = { NewTask: newTaskSchema, Problem: problemSchema, Task: taskSchema };

const description = `Submit a mandate, watch it being carried out, get its result. Every call of a user's carries the
access token of their Supabase session as a bearer. Errors are \`application/problem+json\` (RFC 9457), told apart by \`code\`.`;

export const bearer = [{ bearer: [] }];

/** How the routes' own schemas become an OpenAPI 3.1 document. */
export function documentOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tickwork',
        version,
        description: description.replaceAll('\n', ' '),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'Tasks', description: "A user's own tasks; another's are as if there were none." },
        { name: 'Operations', description: 'What is open to anyone.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The access token of a Supabase session',
          },
        },
      },
    },
    transformObject: (built) =>
      'openapiObject' in built ? finish(built.openapiObject) : built.swaggerObject,
  };
}

type Node = { [key: string]: unknown };

function finish<Document extends object>(document: Document): Document {
  const schemas = Object.fromEntries(
    Object.entries(components).map(([name, schema]) => [name, cleanFields({ ...schema })]),
  );
  const cleaned = clean(document) as Document & { components: Node };
  return { ...cleaned, components: { ...cleaned.components, schemas } };
}

/** Without what only our own code reads. `documented` holds what a refinement asks for in words of JSON Schema. */
function clean(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(clean);
  if (typeof node !== 'object' || node === null) return node;
  const { component } = node as Node;
  if (typeof component === 'string') return { $ref: `#/components/schemas/${component}` };
  return cleanFields(node as Node);
}

/** Values to show are no schemas, and a property may have any name. */
const values = new Set(['example', 'examples', 'default', 'enum']);

function cleanFields({ rule: _rule, component: _component, documented, ...node }: Node): Node {
  const fields = Object.entries({ ...node, ...(documented as Node | undefined) });
  const read = (name: string, value: unknown) => {
    if (values.has(name)) return value;
    if (name !== 'properties') return clean(value);
    return Object.fromEntries(Object.entries(value as Node).map(([field, schema]) => [field, clean(schema)]));
  };
  return Object.fromEntries(fields.map(([name, value]) => [name, read(name, value)]));
}
