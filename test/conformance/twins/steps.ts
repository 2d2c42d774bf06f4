import type { Status } from '@tickwork/task/status';
import type { TaskUpdate } from '@tickwork/task/task';
import fc from 'fast-check';
import type { OwnerChange } from '../owner.ts';
import { dayUs, secondUs } from '../tasks/given.ts';

// Steps that mean the same to two databases whose ids and clocks differ: a step names a task by its slot, a place among the
// correlation_ids; a row by how many had that name before; and a stamp by its distance from the row's.
export const slots = 3;

/** A slot, and whether its first owner or the other user acts. */
interface Place {
  readonly slot: number;
  readonly who: 'owner' | 'other';
}
/** A row that has, had or never had the slot's name. */
export interface Named {
  readonly slot: number;
  readonly row: 'current' | 'former' | 'unknown';
}
export interface Sent extends Named, Pick<TaskUpdate, 'status' | 'tick' | 'result' | 'error'> {
  /** Microseconds. */
  readonly offset: number;
}
export type Step =
  | ({ readonly call: 'insert' | 'remove' | 'touch' } & Place)
  | ({ readonly call: 'change'; readonly change: OwnerChange } & Place)
  | { readonly call: 'sync'; readonly who: Place['who']; readonly sent: Sent }
  | { readonly call: 'syncBatch'; readonly batch: readonly Sent[] }
  | { readonly call: 'readRows'; readonly names: readonly Named[] }
  | {
      readonly call: 'activeRows';
      readonly after: number;
      readonly minAgeMs: number;
      readonly limit: number;
    };

const upTo = (most: number, least = 0) => fc.integer({ min: least, max: most });
/** One of `usual`, and one time in fifteen one of `odd`. */
const mostly = <Value>(usual: readonly Value[], odd: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );

const place = { slot: upTo(slots - 1), who: mostly<Place['who']>(['owner'], ['other']) };
const named = { slot: place.slot, row: mostly<Named['row']>(['current'], ['former', 'unknown']) };
const unheardOf: Status = JSON.parse('"running"');
const status = mostly<Status>(
  ['pending', 'accepted', 'started', 'in_progress', 'in_progress', 'completed', 'error', 'cancelled'],
  [unheardOf],
);
const tick = mostly([null, 0, 1, 50], [51, -1, 1.5, 3_000_000_000]);
const error = mostly([null, '', 'e'], ['é'.repeat(8001)]);
const hourUs = 3600 * secondUs;
const sent: fc.Arbitrary<Sent> = fc.record({
  ...named,
  status,
  tick,
  error,
  result: mostly([null, '{"notes":1}', '[1.5,"é"]', 'null', '""'], ['{', '', '{"a":"\\u0000"}']),
  // None of milliseconds: how fast the calls are would decide whether such a stamp is still ahead of the clock.
  offset: fc.constantFrom(-secondUs, -1, 0, 0, 1, 1, 2, 2, hourUs, dayUs / 2, dayUs, 2 * dayUs),
});
const change: fc.Arbitrary<OwnerChange> = fc.oneof(
  fc.record({ status }),
  fc.record({ tick, error }),
  fc.record({ status, result: fc.constantFrom(null, { a: 1 }, 'x') }),
  fc.record({ mandate: fc.constantFrom('Say hello.', 'Another.') }),
);

/** A call with its arguments; the more weight, the more often. */
const call = <Call extends Step['call'], Given>(
  weight: number,
  name: Call,
  given: { [Key in keyof Given]: fc.Arbitrary<Given[Key]> },
) => ({ weight, arbitrary: fc.record(given).map((values) => ({ call: name, ...values })) });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    call(3, 'insert', place),
    call(2, 'remove', place),
    call(2, 'touch', place),
    call(3, 'change', { ...place, change }),
    call(5, 'sync', { who: place.who, sent }),
    call(8, 'syncBatch', { batch: fc.array(sent, { maxLength: 4, size: 'max' }) }),
    call(1, 'readRows', { names: fc.array(fc.record(named), { maxLength: slots, size: 'max' }) }),
    call(1, 'activeRows', {
      after: upTo(slots - 1, -1),
      minAgeMs: fc.constantFrom(0, 3_600_000),
      limit: upTo(slots, 1),
    }),
  ),
  { minLength: 1, maxLength: 12, size: 'max' },
);
