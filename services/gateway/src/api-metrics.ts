import { createDependencyEvents, measureDependencies } from '@tickwork/runtime/telemetry/dependency-calls';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { createGatewayEvents } from './events.ts';
import { measureGateway } from './metrics.ts';
import { apiCalls } from './operations.ts';

/** All that the API measures, and the events that fill it. Starts nothing. */
export function createApiMetrics() {
  const registry = createRegistry();
  const events = createGatewayEvents();
  const calls = createDependencyEvents();
  measureGateway(events, registry);
  const { watchConnections } = measureDependencies(calls, registry, apiCalls);
  return { registry, events, calls, watchConnections };
}
