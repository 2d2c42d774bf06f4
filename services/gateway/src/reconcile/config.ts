import {
  ConfigError,
  count,
  loadConfig,
  milliseconds,
  optional,
  text,
} from '@tickwork/runtime/process/config';
import { type Static, Type } from 'typebox';
import { gatewaySettings, refuseSecretKeys } from '../config.ts';

/** What Kubernetes takes as the name of a Lease and of a namespace. */
const leaseName = '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$';
const namespace = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';

const schema = Type.Object({
  ...gatewaySettings,
  SUPABASE_RECONCILER_TOKEN_FILE: text(),
  /** How long a claim holds; the same as the worker's. */
  CLAIM_MS: milliseconds(15_000, { minimum: 1000, maximum: 600_000 }),
  MAX_ATTEMPTS: count(3, { minimum: 1, maximum: 100 }),
  /** Hints are looked at this often even if no message arrives. */
  HINT_INTERVAL_MS: milliseconds(500, { minimum: 50, maximum: 60_000 }),
  SCAN_INTERVAL_MS: milliseconds(30_000, { minimum: 100, maximum: 600_000 }),
  /** How long a task that a worker has may have nothing to sync before its row is looked at. */
  QUIET_AGE_MS: milliseconds(20_000, { minimum: 100, maximum: 3_600_000 }),
  /**
   * With QUIET_AGE_MS, a heartbeat and the walk itself less than 90 s: so long a worker may run on whose task was deleted in Supabase
   * itself. A walk over a million records takes up to 20 s.
   */
  QUIET_INTERVAL_MS: milliseconds(45_000, { minimum: 100, maximum: 600_000 }),
  REPAIR_INTERVAL_MS: milliseconds(30_000, { minimum: 100, maximum: 600_000 }),
  /** Rows younger than this are still the gateway's to dispatch: longer than its SEED_LIMIT_MS. */
  REPAIR_MIN_AGE_MS: milliseconds(60_000, { minimum: 1000, maximum: 3_600_000 }),
  /** Leader election by this Lease; not set: this process always does the work. */
  LEASE_NAME: optional(text({ pattern: leaseName })),
  /** Not set: the pod's own, or that of KUBECONFIG's context. */
  LEASE_NAMESPACE: optional(text({ pattern: namespace })),
  /** One kubeconfig file: the cluster of the Lease. Not set: the pod's own. */
  KUBECONFIG: optional(text()),
  /** The holder's identity, so no two pods may have the same. Not set: the host's name. */
  POD_NAME: optional(text()),
  /** The defaults are client-go's. */
  LEASE_DURATION_MS: milliseconds(15_000, { minimum: 1000, maximum: 600_000 }),
  RENEW_DEADLINE_MS: milliseconds(10_000, { minimum: 500, maximum: 600_000 }),
  RETRY_PERIOD_MS: milliseconds(2000, { minimum: 100, maximum: 600_000 }),
});

/** The reconciler's environment. */
export function loadReconcilerConfig(env: NodeJS.ProcessEnv) {
  refuseSecretKeys(env);
  const config = loadConfig(schema, env);
  const wrong = wrongLeaseTimes(config);
  if (wrong.length > 0) throw new ConfigError(wrong.join('; '));
  return config;
}

/** A leader stops before others may take over, and tries more than once before it stops. */
function wrongLeaseTimes(config: Static<typeof schema>): string[] {
  const wrong: string[] = [];
  if (config.LEASE_DURATION_MS % 1000 !== 0) {
    wrong.push('LEASE_DURATION_MS must be a multiple of 1000, as a Lease counts seconds');
  }
  if (config.RENEW_DEADLINE_MS >= config.LEASE_DURATION_MS) {
    wrong.push('RENEW_DEADLINE_MS must be less than LEASE_DURATION_MS');
  }
  if (config.RETRY_PERIOD_MS >= config.RENEW_DEADLINE_MS) {
    wrong.push('RETRY_PERIOD_MS must be less than RENEW_DEADLINE_MS');
  }
  return wrong;
}
