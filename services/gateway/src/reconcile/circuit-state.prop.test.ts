import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ask,
  type CircuitLimits,
  type CircuitState,
  closedCircuit,
  settle,
  type Verdict,
} from './circuit-state.ts';

const limits: CircuitLimits = { mostFailures: 3, firstWaitMs: 100, longestWaitMs: 800, retryMs: 50 };
const verdict = fc.constantFrom<Verdict>('answered', 'failed', 'unsaid');
/** A call is asked for after a while, and told `late` calls afterwards. */
const call = fc.record({
  afterMs: fc.nat({ max: 400 }),
  verdict,
  random: fc.double({ max: 0.999, min: 0, noNaN: true }),
});

/** Makes the calls one after the other, each answered before the next is asked for; the states and which were let through. */
function run(calls: readonly { afterMs: number; verdict: Verdict; random: number }[]) {
  let state: CircuitState = closedCircuit;
  let now = 0;
  return calls.map((one) => {
    now += one.afterMs;
    const moment = { now, random: one.random };
    const before = state;
    const permission = ask(state, moment, limits);
    if (permission.kind === 'refused') return { now, before, permission, state };
    state = settle(permission.state, permission.state, one.verdict, moment, limits);
    return { now, before, permission, state, verdict: one.verdict };
  });
}

test('opens after so many failures in a row, and not before', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      for (const { before, state, verdict: told } of run(calls)) {
        if (before.kind !== 'closed') continue;
        const failures = before.failures + 1;
        const opens = told === 'failed' && failures === limits.mostFailures;
        expect(state.kind).toBe(opens ? 'open' : 'closed');
        if (told === 'answered') expect(state).toEqual(closedCircuit);
      }
    }),
  );
});

test('while it is open nothing goes through, and whoever asks is told how long', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      for (const { now, before, permission } of run(calls)) {
        if (before.kind !== 'open') continue;
        expect(permission.kind).toBe(now < before.until ? 'refused' : 'allowed');
        if (permission.kind === 'refused') {
          expect(permission.retryInMs).toBeGreaterThan(0);
          expect(now + permission.retryInMs).toBeGreaterThanOrEqual(before.until);
        }
      }
    }),
  );
});

test('the wait doubles with each failed try, is half chance, and never longer than the longest', () => {
  const waits = [0, 0, 0, 0, 0].map((_, tries) => {
    const half: CircuitState = { kind: 'half_open', openings: tries + 1 };
    return [0, 1].map((random) => settle(half, half, 'failed', { now: 1000, random }, limits));
  });
  expect(waits.map((pair) => pair.map((state) => state.kind === 'open' && state.until - 1000))).toEqual([
    [100, 200],
    [200, 400],
    [400, 800],
    [400, 800],
    [400, 800],
  ]);
});

test('one call at a time tries it: others are refused, and what was sent before it opened decides nothing', () => {
  const moment = { now: 5000, random: 0 };
  const open: CircuitState = { kind: 'open', openings: 2, until: 4000 };
  const trying = ask(open, moment, limits);
  if (trying.kind !== 'allowed') throw new Error('its wait is over');
  expect(ask(trying.state, moment, limits)).toEqual({ kind: 'refused', retryInMs: 50 });
  for (const late of ['answered', 'failed'] as const) {
    expect(settle(trying.state, closedCircuit, late, moment, limits)).toBe(trying.state);
    expect(settle(open, closedCircuit, late, moment, limits)).toBe(open);
  }
  expect(settle(trying.state, trying.state, 'answered', moment, limits)).toBe(closedCircuit);
  expect(settle(trying.state, trying.state, 'unsaid', moment, limits)).toMatchObject({
    kind: 'open',
    openings: 2,
  });
  expect(settle(trying.state, trying.state, 'failed', moment, limits)).toMatchObject({
    kind: 'open',
    openings: 3,
  });
});
