import { createManualClock } from '@tickwork/runtime/process/manual-clock.harness';
import type { Claim, HandBackAnswer, Progress, ReportAnswer } from '@tickwork/task/ports';
import { describe, expect, test } from 'vitest';
import { createReporter } from './reporter.ts';

const claim: Claim = { correlationId: 'c', id: 'i', userId: 'u', token: 't', traceparent: null };

function progress(tick: number, more: Partial<Progress> = {}): Progress {
  return { status: 'in_progress', tick, result: null, checkpoint: null, ...more };
}

/** A Redis that takes its time, and tells when each write came. */
function createHarness({ tookMs = 0, failures = 0 } = {}) {
  const { clock, advance } = createManualClock();
  const writes: { readonly at: number; readonly progress: Progress }[] = [];
  const last: { readonly at: number; readonly what: string }[] = [];
  const end = new AbortController();
  const answers: { report: ReportAnswer; handBack: HandBackAnswer } = {
    report: 'written',
    handBack: 'handed_back',
  };
  let heartbeats = 0;
  let left = failures;
  let written = 0;
  const reporter = createReporter({
    reports: {
      claim: () => Promise.reject(new Error('no')),
      async report(_claim, sent) {
        const at = clock.now();
        if (tookMs > 0) await clock.sleep(tookMs);
        if (left-- > 0) throw new Error('Redis is away');
        writes.push({ at, progress: sent });
        return answers.report;
      },
      async end() {
        last.push({ at: clock.now(), what: 'end' });
        return answers.report;
      },
      async handBack() {
        last.push({ at: clock.now(), what: 'handBack' });
        return answers.handBack;
      },
      async heartbeat() {
        heartbeats += 1;
        return answers.report;
      },
    },
    claim,
    clock,
    heartbeatMs: 5000,
    signal: end.signal,
    onStop: () => {},
    onFailure: () => {},
    onWritten: () => {
      written += 1;
    },
  });
  const ticks = () => writes.map((write) => write.progress.tick);
  return {
    reporter,
    clock,
    advance,
    writes,
    ticks,
    last,
    end,
    answers,
    heartbeats: () => heartbeats,
    written: () => written,
  };
}

const ending = { status: 'completed', result: '{}', error: null } as const;

describe('an agent that ticks 1,000 times a second', () => {
  async function tickFor(seconds: number, harness: ReturnType<typeof createHarness>): Promise<void> {
    for (let tick = 1; tick <= 1000 * seconds; tick++) {
      void harness.reporter.report(progress(tick));
      await harness.advance(1);
    }
  }

  test('costs Redis ten writes a second, the first at once', async () => {
    const harness = createHarness();
    await tickFor(2, harness);
    expect(harness.writes[0]).toMatchObject({ at: 0, progress: { tick: 1 } });
    expect(harness.writes.length).toBeGreaterThan(18);
    for (let from = 0; from <= 1000; from += 50) {
      const within = harness.writes.filter(({ at }) => at >= from && at < from + 1000);
      expect(within.length).toBeLessThanOrEqual(10);
    }
    expect(harness.heartbeats()).toBe(0);
    expect(harness.written()).toBe(harness.writes.length);
  });

  test('has always the newest written', async () => {
    const harness = createHarness();
    await tickFor(1, harness);
    for (const { at, progress: sent } of harness.writes.slice(1))
      expect(sent.tick).toBeGreaterThanOrEqual(at);
  });

  test('has its last tick written before its end, and both at once', async () => {
    const harness = createHarness();
    await tickFor(1, harness);
    void harness.reporter.report(progress(1001));
    const now = harness.clock.now();
    expect(await harness.reporter.end(ending)).toBe('written');
    expect(harness.writes.at(-1)).toMatchObject({ at: now, progress: { tick: 1001 } });
    expect(harness.last).toEqual([{ at: now, what: 'end' }]);
  });

  test('costs fewer where Redis is slow, one at a time', async () => {
    const harness = createHarness({ tookMs: 300 });
    await tickFor(3, harness);
    expect(harness.writes.map(({ at }) => at)).toEqual([
      0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700,
    ]);
  });
});

describe('what comes before the last was written', () => {
  test('goes in one write: the newest of each field, also where it does not name it', async () => {
    const { reporter, advance, writes } = createHarness();
    const first = { state: '1', tick: 1, ranMs: 1 };
    const second = { state: '2', tick: 2, ranMs: 2 };
    void reporter.report(progress(0));
    void reporter.report(progress(1, { result: '{"notes":"one"}', checkpoint: first }));
    void reporter.report(progress(2));
    void reporter.report({ ...progress(2), tick: null, checkpoint: second });
    void reporter.report(progress(3));
    await advance(100);
    expect(writes.map((write) => write.progress)).toEqual([
      progress(0),
      progress(3, { result: '{"notes":"one"}', checkpoint: second }),
    ]);
  });

  test('resolves for each once the write is taken', async () => {
    const { reporter, advance } = createHarness();
    const taken: number[] = [];
    for (const tick of [0, 1, 2]) void reporter.report(progress(tick)).then(() => taken.push(tick));
    await advance(99);
    expect(taken).toEqual([0]);
    await advance(1);
    expect(taken).toEqual([0, 1, 2]);
  });

  test('is written when a quiet while has passed, at once', async () => {
    const { reporter, advance, writes } = createHarness();
    void reporter.report(progress(1));
    await advance(5050);
    void reporter.report(progress(2));
    await advance(0);
    expect(writes.map(({ at }) => at)).toEqual([0, 5050]);
  });

  test('is dropped by a close, and waits for nothing', async () => {
    const { reporter, ticks, advance } = createHarness();
    void reporter.report(progress(1));
    const dropped = reporter.report(progress(2));
    await reporter.close();
    await dropped;
    await advance(1000);
    await reporter.report(progress(3));
    expect(ticks()).toEqual([1]);
  });

  test('is dropped where the task was lost', async () => {
    const { reporter, ticks, answers } = createHarness();
    answers.report = 'stop';
    void reporter.report(progress(1));
    await reporter.report(progress(2));
    expect(reporter.isStopped()).toBe(true);
    expect(ticks()).toEqual([1]);
    expect(await reporter.end(ending)).toBe('stop');
  });
});

describe('a hand back', () => {
  test('comes after the last progress, at once', async () => {
    const { reporter, ticks, last } = createHarness();
    void reporter.report(progress(1));
    void reporter.report(progress(2));
    expect(await reporter.handBack({ waitMs: 0, spent: false })).toBe('handed_back');
    expect(ticks()).toEqual([1, 2]);
    expect(last).toEqual([{ at: 0, what: 'handBack' }]);
  });

  test('waits until Redis took the last progress', async () => {
    const { reporter, ticks, advance } = createHarness({ failures: 3 });
    void reporter.report(progress(1));
    const answer = reporter.handBack({ waitMs: 0, spent: true });
    await advance(10_000);
    expect(await answer).toBe('handed_back');
    expect(ticks()).toEqual([1]);
  });

  test('that was the last attempt can be followed by an end', async () => {
    const { reporter, answers, last } = createHarness();
    answers.handBack = 'no_attempt_left';
    expect(await reporter.handBack({ waitMs: 0, spent: true })).toBe('no_attempt_left');
    expect(await reporter.end(ending)).toBe('written');
    expect(last.map(({ what }) => what)).toEqual(['handBack', 'end']);
  });
});

test('a heartbeat is sent while there is nothing to write', async () => {
  const { reporter, advance, heartbeats } = createHarness();
  void reporter.report(progress(1));
  await advance(15_000);
  expect(heartbeats()).toBe(3);
  await reporter.end(ending);
  await advance(15_000);
  expect(heartbeats()).toBe(3);
});
