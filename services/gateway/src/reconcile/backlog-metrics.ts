import { createInstruments } from '@tickwork/runtime/telemetry/instruments';
import type { Registry } from 'prom-client';
import { type ActiveTasks, activeStatuses } from './active-tasks.ts';
import type { Backlog } from './backlog.ts';
import type { ReconcilerEmitter } from './events.ts';

/** What is still to be done. Every reconciler counts the same queue and records, so the largest counts, and not the sum. */
export function measureBacklog(events: ReconcilerEmitter, registry: Registry): void {
  const { gauge } = createInstruments(registry);
  const gauges = {
    ready: gauge({
      name: 'tickwork_queue_ready_messages',
      help: 'Messages in the queue that no worker has taken; none while RabbitMQ is away.',
    }),
    dead: gauge({
      name: 'tickwork_dead_letters',
      help: 'Messages that no worker could do anything with, kept for make dead-letters; none while RabbitMQ is away.',
    }),
    unfinished: gauge({
      name: 'tickwork_records_unfinished',
      help: 'Records in Redis of tasks that wait or are being worked on, by the hints; none while Redis is away.',
    }),
    ahead: gauge({
      name: 'tickwork_records_ahead',
      help: 'Records in Redis that hold what Supabase has not confirmed, by the hints; none while Redis is away.',
    }),
  };
  const tell = (backlog: Backlog) => {
    for (const name of ['ready', 'dead', 'unfinished', 'ahead'] as const) {
      const value = backlog[name];
      if (value === null) gauges[name].remove();
      else gauges[name].set(value);
    }
  };
  tell({ ready: null, dead: null, unfinished: null, ahead: null });
  events.on('backlog_counted', tell);
}

/**
 * What the leader's repair saw of Supabase's rows. Who leads no more shows nothing: it would be what was so once.
 * `nowMs` is by the host's clock.
 */
export function measureActiveTasks(
  events: ReconcilerEmitter,
  registry: Registry,
  nowMs: () => number,
): { forget(): void } {
  const { gauge } = createInstruments(registry);
  const active = gauge({
    name: 'tickwork_tasks_active',
    help: 'Rows in Supabase that are not final and older than REPAIR_MIN_AGE_MS, as the last repair saw them.',
    labels: { status: activeStatuses },
  });
  const oldest = gauge({
    name: 'tickwork_oldest_pending_task_age_seconds',
    help: 'How long the task that no worker has taken for longest has waited, when repair last looked; 0 where none is older than REPAIR_MIN_AGE_MS.',
  });
  const tell = ({ counts, oldestPending }: ActiveTasks) => {
    for (const status of activeStatuses) active.set({ status }, counts[status] ?? 0);
    oldest.set(oldestPending === null ? 0 : Math.max(0, nowMs() / 1e3 - oldestPending / 1e6));
  };
  const forget = () => {
    for (const status of activeStatuses) active.remove({ status });
    oldest.remove();
  };
  forget();
  events.on('active_counted', tell);
  return { forget };
}
