import { createClock } from '@tickwork/runtime/process/clock';
import { createLogger } from '@tickwork/runtime/telemetry/logger';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TaskError } from '../tasks/errors.ts';
import type { Backlog } from './backlog.ts';
import { measureBacklog } from './backlog-metrics.ts';
import { createReconcilerEvents } from './events.ts';
import { logReconciler } from './log.ts';
import { measureReconciler } from './metrics.ts';
import { runWatches } from './watches.ts';

/** The watches, with what they were told to find, their gauge and their log. */
function watch() {
  const found = {
    expiry: (): number | null => null,
    schema: (): string => '20260101000000_one',
    backlog: (): Backlog => ({ ready: null, dead: null, unfinished: null, ahead: null }),
  };
  const events = createReconcilerEvents();
  const registry = new Registry();
  const lines: { level: string; msg: string; reason?: string; migration?: string }[] = [];
  measureReconciler(events, registry);
  measureBacklog(events, registry);
  const write = (line: string) => void lines.push(JSON.parse(line));
  logReconciler(events, createLogger({ name: 'test', level: 'info' }, { write }));
  const stop = new AbortController();
  const done = runWatches({
    readTokenExpiry: async () => found.expiry(),
    checkSchema: async () => found.schema(),
    countBacklog: async () => found.backlog(),
    intervalsMs: { token: 5, schema: 5, backlog: 5 },
    events,
    clock: createClock(),
    signal: stop.signal,
  });
  onTestFinished(async () => {
    stop.abort();
    await done;
  });
  const gauge = async (name = 'tickwork_reconciler_token_expiry_timestamp_seconds') => {
    const metric = registry.getSingleMetric(name);
    return (await metric?.get())?.values[0]?.value;
  };
  return { found, lines, gauge, messages: () => lines.map(({ msg }) => msg) };
}

test('the gauge follows the token, and is 0 while there is no end to tell', async () => {
  const { found, gauge, messages } = watch();
  found.expiry = () => 1_800_000_000;
  await vi.waitFor(async () => expect(await gauge()).toBe(1_800_000_000));
  found.expiry = () => {
    throw new Error('SUPABASE_RECONCILER_TOKEN_FILE must be a file that can be read: ENOENT');
  };
  await vi.waitFor(async () => expect(await gauge()).toBe(0));
  found.expiry = () => 1_900_000_000;
  await vi.waitFor(async () => expect(await gauge()).toBe(1_900_000_000));
  found.expiry = () => null;
  await vi.waitFor(async () => expect(await gauge()).toBe(0));
  expect(messages().filter((message) => message.includes('ENOENT'))).toHaveLength(1);
});

test('a schema that is too old is one line, and the new one is noticed', async () => {
  const { found, lines } = watch();
  let asked = 0;
  found.schema = () => {
    asked += 1;
    throw new TaskError('schema_missing', { detail: 'The database lacks migration two (it has one)' });
  };
  await vi.waitFor(() => expect(asked).toBeGreaterThan(2));
  found.schema = () => '20260101000000_two';
  const ready = () => lines.filter(({ migration }) => migration === '20260101000000_two');
  await vi.waitFor(() => expect(ready()).toHaveLength(1), 5000);
  const reasons = lines.flatMap(({ reason }) => reason ?? []);
  expect(reasons).toEqual(['The database lacks migration two (it has one)']);
});

test('the backlog is counted again and again, and what can not be counted is not shown', async () => {
  const { found, gauge } = watch();
  expect(await gauge('tickwork_queue_ready_messages')).toBeUndefined();
  found.backlog = () => ({ ready: 7, dead: null, unfinished: 9, ahead: null });
  await vi.waitFor(async () => expect(await gauge('tickwork_queue_ready_messages')).toBe(7));
  expect(await gauge('tickwork_records_unfinished')).toBe(9);
  expect(await gauge('tickwork_records_ahead')).toBeUndefined();
  found.backlog = () => ({ ready: null, dead: null, unfinished: 9, ahead: 2 });
  await vi.waitFor(async () => expect(await gauge('tickwork_queue_ready_messages')).toBeUndefined());
  expect(await gauge('tickwork_records_ahead')).toBe(2);
});
