import { createClock } from '@tickwork/runtime/process/clock';
import { currentTraceparent, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import type { Claim, ReportAnswer } from '@tickwork/task/ports';
import { afterAll, expect, test } from 'vitest';
import { createReporter } from './reporter.ts';

const tracing = await startTracing({ serviceName: 'test', env: {} });
afterAll(() => tracing.shutdown());

const claim: Claim = { correlationId: 'c', id: 'i', userId: 'u', token: 't', traceparent: null };
const progress = { status: 'in_progress', tick: 1, result: null, checkpoint: null } as const;

test('a report is in the span of the claim, whatever the agent is at; a heartbeat is in none', async () => {
  const seen: Record<string, string | null> = {};
  const see = (what: string) => async (): Promise<ReportAnswer> => {
    seen[what] = currentTraceparent();
    return 'written';
  };
  const end = new AbortController();
  const claimed = await withSpan('process', {}, async () => {
    const reporter = createReporter({
      reports: {
        claim: () => Promise.reject(new Error('no')),
        report: see('report'),
        end: see('end'),
        heartbeat: see('heartbeat'),
        handBack: async () => 'handed_back',
      },
      ...{ claim, clock: createClock(), heartbeatMs: 60_000, signal: end.signal },
      onStop: () => {},
      onFailure: () => {},
      onWritten: () => {},
    });
    await withSpan('a step of the agent', {}, async () => {
      reporter.check();
      await reporter.report(progress);
    });
    await reporter.end({ status: 'completed', result: '{}', error: null });
    return currentTraceparent();
  });
  end.abort();
  expect(seen).toEqual({ heartbeat: null, report: claimed, end: claimed });
});
