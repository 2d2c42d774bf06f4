import { createClock } from '@tickwork/runtime/process/clock';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import type { TaskRecords } from '@tickwork/task/ports';
import { afterAll, expect, test } from 'vitest';
import { createApply } from './apply.ts';
import { clean, row } from './decide.harness.ts';
import { createReconcilerEvents } from './events.ts';

const tracing = await startTracing({ serviceName: 'test', env: {} });
afterAll(() => tracing.shutdown());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const submitted = `00-${traceId}-b7ad6b7169203331-01`;

/** What the message of a dispatch carries. */
async function dispatched(traceparent: string | null): Promise<unknown> {
  const carried: (string | null)[] = [];
  const records: Pick<TaskRecords, 'release'> = { release: async () => 'publish' };
  const apply = createApply({
    records: records as TaskRecords,
    queue: { isReady: () => true, publish: async (envelope) => void carried.push(envelope.traceparent) },
    events: createReconcilerEvents(),
    clock: createClock(),
    settings: { claimMs: 1000, publishTimeoutMs: 1000, publishRetryMs: 1000 },
  });
  const record = { ...clean, traceparent };
  await apply('scan', [{ kind: 'dispatch', reason: 'not_claimed', record, row }]);
  return carried[0];
}

test('a dispatch goes on with the trace of the submit, under a span of its own', async () => {
  const carried = await dispatched(submitted);
  expect(carried).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(carried).not.toBe(submitted);
});

test('where the record knows no trace, one begins with the dispatch', async () => {
  expect(await dispatched(null)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
