import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal, statuses } from '@tickwork/task/status';
import { expect, test } from 'vitest';

const prelude = readFileSync(join(import.meta.dirname, 'scripts/prelude.lua'), 'utf8');

/** The keys of a table of trues. */
function keysOf(table: string): string[] {
  const body = new RegExp(`local ${table} = \\{([^}]*)\\}`).exec(prelude)?.[1] ?? '';
  return [...body.matchAll(/(\w+) = true/g)].map(([, name = '']) => name);
}

test('the scripts know the same statuses as the domain, and the same final ones', () => {
  expect(keysOf('STATUS')).toEqual([...statuses]);
  expect(keysOf('FINAL')).toEqual(statuses.filter(isFinal));
});
