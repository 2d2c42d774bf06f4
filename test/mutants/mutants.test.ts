import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { taskProtections } from '../simulation/memory/protections.ts';
import { recordProtections } from '../simulation/memory/redis-protections.ts';
import { checkReal } from './check-real.ts';
import { checkSimulated } from './check-simulated.ts';
import { type Mutant, mutants } from './mutants.ts';

const root = resolve(import.meta.dirname, '../..');
const named = (...names: string[]): Mutant[] => mutants.filter(({ name }) => names.includes(name));

test('every protection of the servers in memory has a mutant', () => {
  const names = mutants.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...recordProtections, ...taskProtections]));
  expect(new Set(names).size).toBe(names.length);
});

test.each(mutants.flatMap(({ name, real }) => real.cuts.map((cut) => ({ name, ...cut }))))(
  '$name: its piece is in $file, once',
  ({ file, find }) => {
    expect(readFileSync(resolve(root, file), 'utf8').split(find)).toHaveLength(2);
  },
);

test('a mutant that changes nothing survives, and is told', async () => {
  const [harmless] = named('compare_and_set').map((mutant) => ({ ...mutant, name: 'nothing is off' }));
  if (!harmless) throw new Error('there is no such mutant');
  await expect(checkSimulated(harmless, 'product', 50)).rejects.toThrow('50 schedules broke nothing');
}, 60_000);

test.each(
  named('compare_and_set', 'fresh_token', 'due_at', 'work_before_claim', 'ownership', 'charge_in_insert'),
)(
  'off in the ports, $name is caught',
  async (mutant) => {
    await expect(checkSimulated(mutant, 'ports', 400)).resolves.toContain('[');
  },
  60_000,
);

test.each(named('fencing', 'compare_and_set', 'fresh_token'))(
  'cut out of the product, $name is caught',
  async (mutant) => {
    await expect(checkReal(mutant, 400)).resolves.toContain('[');
  },
  120_000,
);
