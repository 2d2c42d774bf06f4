import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createElection, settings } from './elector.harness.ts';
import type { Journey } from './lease-server.harness.ts';

const troubleEndsAt = 120_000;
const end = 180_000;

/** Mostly near; at times slower than a call's limit, or never. */
const legMs = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 20 }) },
  { weight: 2, arbitrary: fc.nat({ max: 2000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 12_000 }) },
);
const lost = fc.oneof(
  { weight: 10, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('request' as const, 'answer' as const) },
);
const journey: fc.Arbitrary<Journey> = fc.record({ thereMs: legMs, backMs: legMs, lost });

/** Clocks any hours apart. Rates: client-go's rule is that they differ by less than the Lease and its deadline do. */
const host = fc.record({
  offsetMs: fc.integer({ min: 0, max: 7_200_000 }),
  rate: fc.double({ min: 0.85, max: 1.15, noNaN: true }),
  startsAt: fc.nat({ max: 20_000 }),
  journeys: fc.array(journey, { minLength: 1, maxLength: 60 }),
  randoms: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 10 }),
  pauses: fc.array(fc.record({ at: fc.nat({ max: troubleEndsAt }), forMs: fc.nat({ max: 40_000 }) }), {
    maxLength: 4,
  }),
});
type HostPlan = typeof host extends fc.Arbitrary<infer Value> ? Value : never;

/** One after the other, again from the first after the last. */
function cycle<Value>(values: readonly Value[], otherwise: Value): () => Value {
  let index = 0;
  return () => values[index++ % values.length] ?? otherwise;
}

function join({ world, elector }: ReturnType<typeof createElection>, identity: string, plan: HostPlan) {
  const made = elector(identity, { ...plan, random: cycle(plan.randoms, 0) });
  const near = made.state.journey;
  made.state.journey = cycle(plan.journeys, near());
  for (const { at, forMs } of plan.pauses) {
    world.at(at, () => made.host.pause());
    world.at(Math.min(at + forMs, troubleEndsAt), () => made.host.resume());
  }
  world.at(troubleEndsAt, () => {
    made.host.resume();
    made.state.journey = near;
  });
  return made;
}

test('never two leaders, whatever the clocks, the network and pauses do; and in the end there is one', async () => {
  await fc.assert(
    fc.asyncProperty(host, host, async (onePlan, twoPlan) => {
      const election = createElection();
      const { world } = election;
      const one = join(election, 'one', onePlan);
      await world.runUntil(twoPlan.startsAt);
      const two = join(election, 'two', twoPlan);
      const leaders = () => [one, two].filter(({ isLeader }) => isLeader()).length;
      await world.runUntil(end, () => expect(leaders()).toBeLessThanOrEqual(1));
      expect(leaders()).toBe(1);
      expect(one.state.mostWorking).toBeLessThanOrEqual(1);
      expect(two.state.mostWorking).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
}, 60_000);

test('belief ends with the deadline, counted from when the last acknowledged write was sent', async () => {
  await fc.assert(
    fc.asyncProperty(host, async (plan) => {
      const election = createElection();
      const { world, server } = election;
      const { apiFor } = server;
      let latestSentAt = Number.NEGATIVE_INFINITY;
      server.apiFor = (on, journeyOf) => {
        const api = apiFor(on, journeyOf);
        const noting = async <Outcome extends { kind: string }>(call: Promise<Outcome>) => {
          const sentAt = on.clock.now();
          const outcome = await call;
          if (outcome.kind === 'written') latestSentAt = sentAt;
          return outcome;
        };
        return {
          read: api.read,
          create: (...given) => noting(api.create(...given)),
          replace: (...given) => noting(api.replace(...given)),
        };
      };
      const one = join(election, 'one', plan);
      for (let at = 0; at < end; at += 250) world.at(at, () => {});
      await world.runUntil(end, () => {
        const sentAgoMs = one.host.clock.now() - latestSentAt;
        if (one.isLeader()) expect(sentAgoMs).toBeLessThanOrEqual(settings.renewDeadlineMs);
      });
    }),
    { numRuns: 100 },
  );
}, 60_000);
