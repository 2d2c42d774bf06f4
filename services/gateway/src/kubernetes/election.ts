import type { V1Lease } from '@kubernetes/client-node';

/** The Lease as the API server told it. Its times are left out: no clock of another host decides anything here. */
export interface Lease {
  /** '' while nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  /** The resourceVersion: another one after every write. */
  readonly version: string;
  /** The whole of it, so that a write keeps what others put there. */
  readonly object: V1Lease;
}

export type ReadOutcome =
  | { readonly kind: 'found'; readonly lease: Lease }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly reason: string };

/** `conflict`: another was faster. `failed`: unknown whether it was written. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly lease: Lease }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly reason: string };

/** All times in milliseconds of this process' own monotonic clock. */
export interface Observation {
  readonly read: ReadOutcome;
  /** When the version that was read was seen for the first time. */
  readonly unchangedSince: number;
  /** The end of this process' leadership unless it renews; null while it stands by. */
  readonly leadsUntil: number | null;
}

export interface ElectionSettings {
  /** No two processes may have the same. */
  readonly identity: string;
  /** Others wait this long for a sign of life. A whole number of seconds, as a Lease counts those. */
  readonly durationMs: number;
  /** A leader stops this long after it sent the last renewal that was acknowledged: shorter than durationMs. */
  readonly renewDeadlineMs: number;
  /** The longest wait between two looks. */
  readonly retryPeriodMs: number;
}

/** What to do after a look at the Lease. Every write names the version that was read, so only one of several can succeed. */
export type Plan =
  | { readonly kind: 'create'; readonly reason: 'missing' }
  | { readonly kind: 'renew'; readonly lease: Lease; readonly reason: 'leading' | 'held_by_this' }
  | { readonly kind: 'takeover'; readonly lease: Lease; readonly reason: 'released' | 'expired' }
  | { readonly kind: 'wait'; readonly reason: 'held' | 'unreachable'; readonly untilMs: number }
  | { readonly kind: 'stand_down'; readonly reason: 'taken' | 'not_renewed' };

/** client-go's rules: https://pkg.go.dev/k8s.io/client-go/tools/leaderelection */
export function decide(observation: Observation, now: number, settings: ElectionSettings): Plan {
  const { read, leadsUntil } = observation;
  if (leadsUntil !== null && now >= leadsUntil) return { kind: 'stand_down', reason: 'not_renewed' };
  switch (read.kind) {
    case 'failed':
      return { kind: 'wait', reason: 'unreachable', untilMs: Number.POSITIVE_INFINITY };
    case 'missing':
      return { kind: 'create', reason: 'missing' };
    case 'found':
      return decideFound(read.lease, observation, now, settings);
    default:
      return read satisfies never;
  }
}

function decideFound(
  lease: Lease,
  { leadsUntil, unchangedSince }: Observation,
  now: number,
  { identity, durationMs }: ElectionSettings,
): Plan {
  const leads = leadsUntil !== null;
  if (lease.holder === identity) {
    return { kind: 'renew', lease, reason: leads ? 'leading' : 'held_by_this' };
  }
  if (leads) return { kind: 'stand_down', reason: 'taken' };
  if (lease.holder === '') return { kind: 'takeover', lease, reason: 'released' };
  const untilMs = unchangedSince + (lease.durationMs || durationMs);
  return now >= untilMs
    ? { kind: 'takeover', lease, reason: 'expired' }
    : { kind: 'wait', reason: 'held', untilMs };
}

/**
 * Milliseconds to the next look. With jitter, but always short enough that the look and a write fit into the retry period;
 * the end of a held Lease is not slept through.
 */
export function waitAfter(
  plan: Plan,
  now: number,
  { retryPeriodMs }: ElectionSettings,
  random: number,
): number {
  const jitteredMs = retryPeriodMs * (0.5 + random * 0.4);
  return plan.kind === 'wait' ? Math.max(0, Math.min(jitteredMs, plan.untilMs - now)) : jitteredMs;
}
