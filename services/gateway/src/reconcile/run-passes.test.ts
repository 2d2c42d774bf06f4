import { setImmediate as turn } from 'node:timers/promises';
import { createClock } from '@tickwork/runtime/process/clock';
import { expect, test } from 'vitest';
import { createReconcilerEvents, type PassName } from './events.ts';
import { done, type PassEnd, Wake } from './loop.ts';
import { runPasses } from './run-passes.ts';

const intervalsMs = { hints: 1, scan: 1, quiet: 1, repair: 1 };
const clock = createClock();
const nothing = async () => done;

/** Runs passes of 1 ms intervals until each loop came round three times; which passes ran. */
async function run(isLeader: () => boolean): Promise<Set<PassName>> {
  const end = new AbortController();
  const ran = new Set<PassName>();
  let asked = 0;
  const pass = (name: PassName) => async () => {
    ran.add(name);
    return done;
  };
  await runPasses({
    passes: { hints: pass('hints'), scan: pass('scan'), quiet: pass('quiet'), repair: pass('repair') },
    intervalsMs,
    clock,
    wake: new Wake(clock),
    events: createReconcilerEvents(),
    signal: end.signal,
    isLeader: () => {
      if (++asked === 12) end.abort();
      return isLeader();
    },
  });
  return ran;
}

test('a leader runs every pass', async () => {
  expect(await run(() => true)).toEqual(new Set(['hints', 'scan', 'quiet', 'repair']));
});

test('no pass starts once leadership is over, even before the signal says so', async () => {
  expect(await run(() => false)).toEqual(new Set());
});

test('ends only when the pass that is running has ended', async () => {
  const end = new AbortController();
  const pass = Promise.withResolvers<PassEnd>();
  let ended = false;
  const running = runPasses({
    passes: { hints: () => pass.promise, scan: nothing, quiet: nothing, repair: nothing },
    intervalsMs,
    clock,
    wake: new Wake(clock),
    events: createReconcilerEvents(),
    signal: end.signal,
    isLeader: () => true,
  }).then(() => {
    ended = true;
  });
  end.abort();
  await turn();
  expect(ended).toBe(false);
  pass.resolve(done);
  await running;
});
