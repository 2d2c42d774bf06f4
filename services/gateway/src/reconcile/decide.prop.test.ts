import type { DispatchableRow } from '@tickwork/task/ports';
import { isFinal, statuses } from '@tickwork/task/status';
import { isAhead, type TaskRecord } from '@tickwork/task/task';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clean, decideOne, row } from './decide.harness.ts';
import { decide, type Observation, protocolLimits } from './decide.ts';
import type { Action } from './plan.ts';

/** Few stamps and few names, so that those of rows and records meet. */
const stamp = fc.integer({ min: 1, max: 6 });
const status = fc.constantFrom(...statuses);
const id = fc.constantFrom('i1', 'i2');
const record: fc.Arbitrary<TaskRecord> = fc
  .record({ id, status, updatedAt: stamp, syncedAt: stamp, claim: fc.constantFrom('', '-', 'token') })
  .map((change) => ({ ...clean, ...change }));
const anyRow: fc.Arbitrary<DispatchableRow> = fc
  .record({ id, status, updatedAt: stamp })
  .map((change) => ({ ...row, ...change }));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value);
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    kind: fc.constant('found' as const),
    finding: fc.constantFrom('ahead' as const, 'due' as const, 'quiet' as const, 'foreign' as const),
    correlationId: fc.constant('c1'),
    record: maybe(record),
  }),
  fc.record({
    kind: fc.constant('answered' as const),
    sent: record,
    answer: fc.record({
      correlationId: fc.constant('c1'),
      outcome: fc.constantFrom(...(['applied', 'stale', 'missing', 'invalid'] as const)),
      status: maybe(status),
      updatedAt: maybe(stamp),
    }),
  }),
  fc.record({ kind: fc.constant('due' as const), record, row: maybe(anyRow), queueReady: fc.boolean() }),
  fc.record({ kind: fc.constant('quiet' as const), record, row: maybe(anyRow) }),
  fc.record({ kind: fc.constant('active' as const), row: anyRow, record: maybe(record) }),
  fc.record({ kind: fc.constant('other_life' as const), record, row: maybe(anyRow) }),
);

test('deciding is total: whatever was seen, in whatever order, each gets its own one action or question', () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 20 }), fc.integer(), (list, now) => {
      const { actions, questions } = decide(list, now, protocolLimits);
      const apart = list.map((one) => decideOne(one, now));
      expect(actions).toEqual(apart.filter((decided) => 'reason' in decided));
      expect(questions).toEqual(apart.filter((decided) => !('reason' in decided)));
    }),
  );
});

interface World {
  readonly record: TaskRecord | null;
  readonly row: DispatchableRow | null;
}

/** What an action leaves behind, as the scripts do it: each only where what it was decided on is still there. */
function carryOut(action: Action, { record: now, row: its }: World): World {
  const then = (change: Partial<TaskRecord>) => ({ record: now && { ...now, ...change }, row: its });
  switch (action.kind) {
    case 'confirm':
      return then({ syncedAt: action.sent.updatedAt });
    case 'settle':
      if (now?.id !== action.key.id) return then({});
      return then({ status: isFinal(now.status) ? now.status : 'cancelled', syncedAt: now.updatedAt });
    case 'rebase':
      if (now?.updatedAt !== action.sent.updatedAt) return then({});
      return then({ updatedAt: action.rowUpdatedAt + 1, syncedAt: action.rowUpdatedAt });
    case 'fail':
      if (now?.updatedAt !== action.sent.updatedAt) return then({});
      return then({ status: 'error', updatedAt: now.syncedAt + 1 });
    case 'reopen':
      if (now?.id !== action.key.id || isAhead(now)) return then({});
      return then({ syncedAt: Math.min(action.rowUpdatedAt, now.updatedAt - 1) });
    case 'seed': {
      const settled = now === null || (now.id !== action.row.id && isFinal(now.status) && !isAhead(now));
      const { id: its_id, status: its_status, updatedAt } = action.row;
      const seeded = { ...clean, id: its_id, status: its_status, updatedAt, syncedAt: updatedAt, claim: '-' };
      return settled ? { record: seeded, row: its } : then({});
    }
    case 'dispatch':
    case 'none':
      return then({});
    default:
      return action satisfies never;
  }
}

/** What the repair pass does about this row and record, its questions answered by what is there. */
function repair({ record: found, row: its }: World): Action {
  if (its === null || isFinal(its.status)) return { kind: 'none', reason: 'gone', correlationId: 'c1' };
  const decided = decideOne({ kind: 'active', row: its, record: found });
  if ('reason' in decided) return decided;
  const own = its.id === decided.record.id ? its : null;
  const answered = decideOne({ kind: 'other_life', record: decided.record, row: own });
  if ('reason' in answered) return answered;
  throw new Error('an answer leads to an action');
}

/** The same for a record that is due, or quiet. */
function check(kind: 'due' | 'quiet', { record: found, row: its }: World): Action {
  if (found === null) return { kind: 'none', reason: 'gone', correlationId: 'c1' };
  if (isAhead(found) || isFinal(found.status))
    return { kind: 'none', reason: 'in_order', correlationId: 'c1' };
  const own = its?.id === found.id ? its : null;
  const decided = decideOne({ kind, record: found, row: own, queueReady: true });
  if ('reason' in decided) return decided;
  throw new Error('a row leads to an action');
}

const world = fc.record({ record: maybe(record), row: maybe(anyRow) });

test('acting is idempotent: an action that is carried out twice leaves what it left the first time', () => {
  fc.assert(
    fc.property(
      world,
      fc.constantFrom('due' as const, 'quiet' as const, 'repair' as const),
      (given, kind) => {
        const action = kind === 'repair' ? repair(given) : check(kind, given);
        const once = carryOut(action, given);
        expect(carryOut(action, once)).toEqual(once);
      },
    ),
  );
});

test('passes come to rest: what an action left behind asks for nothing more, but for the record of another life', () => {
  fc.assert(
    fc.property(
      world,
      fc.constantFrom('due' as const, 'quiet' as const, 'repair' as const),
      (given, kind) => {
        const next = (at: World) => (kind === 'repair' ? repair(at) : check(kind, at));
        const first = next(given);
        const after = carryOut(first, given);
        const second = next(after);
        if (first.kind === 'dispatch') return;
        if (kind === 'repair' && first.kind === 'settle') {
          expect(second).toMatchObject({ kind: 'seed', reason: 'other_life' });
          expect(next(carryOut(second, after)).kind).toBe('none');
        } else expect(second.kind).toBe('none');
      },
    ),
  );
});
