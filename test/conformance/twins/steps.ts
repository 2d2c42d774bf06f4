import type { Status } from '@tickwork/task/status';
import type { TaskUpdate } from '@tickwork/task/task';
import fc from 'fast-check';
import type { OwnerChange } from '../owner.ts';
import { dayUs, secondUs } from '../tasks/given.ts';

// Steps that mean the same to two databases whose ids and clocks differ: a step names a task by its slot, a place among the
// correlation_ids; a row by how many had that name before; and a stamp by its distance from the row's.
export const slots = 3;
export const users = 2;

interface Place {
  readonly user: number;
  readonly slot: number;
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
  | { readonly call: 'sync'; readonly user: number; readonly sent: Sent }
  | { readonly call: 'syncBatch'; readonly batch: readonly Sent[] }
  | { readonly call: 'readRows'; readonly names: readonly Named[] }
  | {
      readonly call: 'activeRows';
      readonly after: number;
      readonly minAgeMs: number;
      readonly limit: number;
    };

const upTo = (most: number, least = 0) => fc.integer({ min: least, max: most });
const place = { user: upTo(users - 1), slot: upTo(slots - 1) };
const named = {
  slot: place.slot,
  row: fc.constantFrom<Named['row']>('current', 'current', 'current', 'former', 'unknown'),
};
const status = fc.constantFrom<Status>(
  'pending',
  'accepted',
  'started',
  'in_progress',
  'completed',
  'error',
  'cancelled',
  JSON.parse('"running"'),
);
const tick = fc.constantFrom(null, 0, 1, 50, 51, -1, 1.5, 3_000_000_000);
const error = fc.constantFrom(null, '', 'e', 'é'.repeat(8001));
const sent = fc.record({
  ...named,
  status,
  tick,
  error,
  result: fc.constantFrom(null, '{"notes":1}', '[1.5,"é"]', 'null', '""', '{', '', '{"a":"\\u0000"}'),
  // None of milliseconds: how fast the calls are would decide whether such a stamp is still ahead of the clock.
  offset: fc.constantFrom(-secondUs, -1, 0, 0, 1, 1, 2, 2, 3600 * secondUs, dayUs / 2, dayUs, 2 * dayUs),
});
const change: fc.Arbitrary<OwnerChange> = fc.oneof(
  fc.record({ status }),
  fc.record({ tick }),
  fc.record({ error, tick }),
  fc.record({ result: fc.constantFrom(null, { a: 1 }, 'x'), status }),
  fc.record({ mandate: fc.constantFrom('Say hello.', 'Another.') }),
);

/** A call's arguments; the more weight, the more often. */
const call = <Call extends Step['call'], Given>(
  weight: number,
  name: Call,
  given: { [Key in keyof Given]: fc.Arbitrary<Given[Key]> },
) => ({ weight, arbitrary: fc.record(given).map((values) => ({ call: name, ...values })) });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    call(4, 'insert', place),
    call(1, 'remove', place),
    call(2, 'touch', place),
    call(2, 'change', { ...place, change }),
    call(4, 'sync', { user: place.user, sent }),
    call(6, 'syncBatch', { batch: fc.array(sent, { maxLength: 4 }) }),
    call(1, 'readRows', { names: fc.array(fc.record(named), { maxLength: slots }) }),
    call(1, 'activeRows', {
      after: upTo(slots - 1, -1),
      minAgeMs: fc.constantFrom(0, 3_600_000),
      limit: upTo(slots, 1),
    }),
  ),
  { minLength: 1, maxLength: 16 },
);
