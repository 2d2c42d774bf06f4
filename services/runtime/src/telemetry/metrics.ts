import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry of this process' own, with Node's metrics in it; nothing is global. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
