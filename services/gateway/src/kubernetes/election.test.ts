import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type Lease, type Observation, type Plan, waitAfter } from './election.ts';

const settings = { identity: 'me', durationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 };
const now = 1_000_000;
const lease = (holder: string, durationMs = 15_000): Lease => ({
  holder,
  durationMs,
  version: '1',
  object: {},
});
const found = (holder: string, durationMs?: number) =>
  ({ kind: 'found', lease: lease(holder, durationMs) }) as const;
const standby = { unchangedSince: now, leadsUntil: null };
const leading = { unchangedSince: now, leadsUntil: now + 1 };

test.each<[string, Observation, Pick<Plan, 'kind' | 'reason'>]>([
  ['no Lease', { ...standby, read: { kind: 'missing' } }, { kind: 'create', reason: 'missing' }],
  ['no Lease any more', { ...leading, read: { kind: 'missing' } }, { kind: 'create', reason: 'missing' }],
  ['held by nobody', { ...standby, read: found('') }, { kind: 'takeover', reason: 'released' }],
  ['held by another', { ...standby, read: found('other') }, { kind: 'wait', reason: 'held' }],
  [
    'held by another, a millisecond before its end',
    { ...standby, read: found('other'), unchangedSince: now - 14_999 },
    { kind: 'wait', reason: 'held' },
  ],
  [
    'held by another, at its end',
    { ...standby, read: found('other'), unchangedSince: now - 15_000 },
    { kind: 'takeover', reason: 'expired' },
  ],
  [
    'the time is the one that the Lease tells',
    { ...standby, read: found('other', 30_000), unchangedSince: now - 15_000 },
    { kind: 'wait', reason: 'held' },
  ],
  [
    'a Lease that tells none lasts as long as ours',
    { ...standby, read: found('other', 0), unchangedSince: now - 14_999 },
    { kind: 'wait', reason: 'held' },
  ],
  ['held by this, leading', { ...leading, read: found('me') }, { kind: 'renew', reason: 'leading' }],
  ['held by this, not leading', { ...standby, read: found('me') }, { kind: 'renew', reason: 'held_by_this' }],
  ['taken', { ...leading, read: found('other') }, { kind: 'stand_down', reason: 'taken' }],
  ['emptied', { ...leading, read: found('') }, { kind: 'stand_down', reason: 'taken' }],
  [
    'past its deadline, whatever the Lease says',
    { ...leading, read: found('me'), leadsUntil: now },
    { kind: 'stand_down', reason: 'not_renewed' },
  ],
  [
    'past its deadline, and no answer',
    { ...leading, read: { kind: 'failed', reason: 'x' }, leadsUntil: now },
    { kind: 'stand_down', reason: 'not_renewed' },
  ],
  [
    'no answer',
    { ...leading, read: { kind: 'failed', reason: 'x' } },
    { kind: 'wait', reason: 'unreachable' },
  ],
])('%s', (_name, observation, plan) => {
  expect(decide(observation, now, settings)).toMatchObject(plan);
});

test('the next look comes within nine tenths of the period, and not after the end of a Lease that is held', () => {
  const plans: Plan[] = [
    { kind: 'create', reason: 'missing' },
    { kind: 'wait', reason: 'held', untilMs: now + 300 },
    { kind: 'wait', reason: 'unreachable', untilMs: Number.POSITIVE_INFINITY },
  ];
  fc.assert(
    fc.property(fc.constantFrom(...plans), fc.double({ min: 0, max: 0.999, noNaN: true }), (plan, random) => {
      const ms = waitAfter(plan, now, settings, random);
      const [least, most] = plan.reason === 'held' ? [300, 300] : [1000, 1800];
      expect(ms).toBeGreaterThanOrEqual(least);
      expect(ms).toBeLessThanOrEqual(most);
    }),
  );
  expect(waitAfter({ kind: 'wait', reason: 'held', untilMs: now - 5 }, now, settings, 0)).toBe(0);
});
