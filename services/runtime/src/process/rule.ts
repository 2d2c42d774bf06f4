import type { TSchema } from 'typebox';

/** What a schema asks for, in the words of its `rule`. */
export function ruleOf(schema: TSchema): string {
  return 'rule' in schema && typeof schema.rule === 'string' ? schema.rule : 'is wrong';
}
