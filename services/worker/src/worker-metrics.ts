import { createDependencyEvents, measureDependencies } from '@tickwork/runtime/telemetry/dependency-calls';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { createWorkerEvents } from './events.ts';
import { measureWorker } from './metrics.ts';
import { workerCalls } from './operations.ts';

/** All that the worker measures, and the events that fill it. Starts nothing. */
export function createWorkerMetrics() {
  const registry = createRegistry();
  const events = createWorkerEvents();
  const calls = createDependencyEvents();
  measureWorker(events, registry);
  const { watchConnections } = measureDependencies(calls, registry, workerCalls);
  return { registry, events, calls, watchConnections };
}
