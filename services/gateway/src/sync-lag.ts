import { createInstruments } from '@tickwork/runtime/telemetry/instruments';
import type { Registry } from 'prom-client';

/**
 * The objective is 99 % under 1 s, so the bounds are close there. The stamp is by Redis' clock and the end by this host's: their skew
 * goes into the lag, and what would be below 0 is 0.
 */
export function measureSyncLag(registry: Registry): (seconds: number) => void {
  const lag = createInstruments(registry).histogram({
    name: 'tickwork_sync_lag_seconds',
    help: "From a worker's write in Redis, by its stamp, to Supabase's answer that the row holds it.",
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60, 300],
  });
  return (seconds) => lag.observe(Math.max(0, seconds));
}
