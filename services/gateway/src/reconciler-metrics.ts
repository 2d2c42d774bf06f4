import { createDependencyEvents, measureDependencies } from '@tickwork/runtime/telemetry/dependency-calls';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { createLeaderEvents, measureLeader } from './kubernetes/events.ts';
import { reconcilerCalls } from './operations.ts';
import { measureActiveTasks, measureBacklog } from './reconcile/backlog-metrics.ts';
import { createReconcilerEvents } from './reconcile/events.ts';
import { measureReconciler } from './reconcile/metrics.ts';

/** All that the reconciler measures, and the events that fill it. Starts nothing. */
export function createReconcilerMetrics() {
  const registry = createRegistry();
  const events = createReconcilerEvents();
  const leaderEvents = createLeaderEvents();
  const calls = createDependencyEvents();
  measureReconciler(events, registry);
  measureBacklog(events, registry);
  const active = measureActiveTasks(events, registry, Date.now);
  measureLeader(leaderEvents, registry);
  leaderEvents.on('stopped_leading', active.forget);
  const { watchConnections } = measureDependencies(calls, registry, reconcilerCalls);
  return { registry, events, leaderEvents, calls, watchConnections };
}
