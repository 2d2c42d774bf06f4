import { runFleet } from '../simulation/fleet.ts';
import { targetOf } from '../simulation/plan.ts';
import { invariants } from '../simulation/witness/invariants.ts';
import type { Mutant } from './mutants.ts';

/** Spread over the plans, so that each kind comes early. */
const stride = 7919;
const modulus = 1_000_003;

function* seedsOf({ simulated: { focus } }: Mutant, most: number): Generator<number> {
  for (let number = 1, given = 0; given < most; number++) {
    const seed = (number * stride) % modulus;
    if (focus && targetOf(seed) !== focus) continue;
    given++;
    yield seed;
  }
}

/**
 * Which schedule broke one of the mutant's invariants; throws when none of `most` did. `off` says where the protection is: in the
 * ports, or already in this copy of the product.
 */
export async function checkSimulated(
  mutant: Mutant,
  off: 'ports' | 'product',
  most: number,
): Promise<string> {
  const { breaks } = mutant.simulated;
  const { tally, findings } = await runFleet({
    seeds: seedsOf(mutant, most),
    ...(off === 'ports' ? { mutant: mutant.name } : {}),
    goOn: ({ invariant }) => !breaks.includes(invariant),
  });
  const caught = findings.find(({ invariant }) => breaks.includes(invariant));
  if (caught) return `${invariants[caught.invariant]}, in schedule ${caught.seed}`;
  const others = [...new Set(findings.map(({ invariant }) => invariant))];
  throw new Error(`${tally.schedules} schedules broke ${others.join(', ') || 'nothing'}`);
}
