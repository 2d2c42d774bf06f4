/** Before a dependency that fails: closed lets all calls through, open none, half open one that shows whether it is back. */
export type CircuitState =
  /** `failures`: without a success between them. */
  | { readonly kind: 'closed'; readonly failures: number }
  /** `openings`: without having closed. `until`: milliseconds of a monotonic clock. */
  | { readonly kind: 'open'; readonly openings: number; readonly until: number }
  | { readonly kind: 'half_open'; readonly openings: number };

export const circuitStates = ['closed', 'open', 'half_open'] as const satisfies CircuitState['kind'][];

/** What a call told. `unsaid`: nothing about the dependency, as it was given up here or never left. */
export type Verdict = 'answered' | 'failed' | 'unsaid';

export interface CircuitLimits {
  /** How many failures in a row open it. */
  readonly mostFailures: number;
  /** The first wait, which doubles with each opening, up to the longest. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** After what time to come again while another call is trying. */
  readonly retryMs: number;
}

/** Random from 0 up to 1, at a time. */
export interface Moment {
  readonly now: number;
  readonly random: number;
}

export const closedCircuit: CircuitState = { kind: 'closed', failures: 0 };

export type Permission =
  | { readonly kind: 'allowed'; readonly state: CircuitState }
  | { readonly kind: 'refused'; readonly retryInMs: number };

/** Whether a call may be made now, and what the state is then. */
export function ask(state: CircuitState, { now }: Moment, { retryMs }: CircuitLimits): Permission {
  switch (state.kind) {
    case 'closed':
      return { kind: 'allowed', state };
    case 'half_open':
      return { kind: 'refused', retryInMs: retryMs };
    case 'open':
      return now < state.until
        ? { kind: 'refused', retryInMs: Math.ceil(state.until - now) }
        : { kind: 'allowed', state: { kind: 'half_open', openings: state.openings } };
    default:
      return state satisfies never;
  }
}

/** The state after a call. `asked` is the state that allowed it: what was sent before the circuit opened says nothing of now. */
export function settle(
  state: CircuitState,
  asked: CircuitState,
  verdict: Verdict,
  moment: Moment,
  limits: CircuitLimits,
): CircuitState {
  if (state.kind !== asked.kind) return state;
  switch (state.kind) {
    case 'closed': {
      if (verdict === 'unsaid') return state;
      if (verdict === 'answered') return closedCircuit;
      const failures = state.failures + 1;
      return failures < limits.mostFailures ? { kind: 'closed', failures } : open(1, moment, limits);
    }
    case 'half_open':
      if (verdict === 'answered') return closedCircuit;
      return open(state.openings + (verdict === 'failed' ? 1 : 0), moment, limits);
    case 'open':
      return state;
    default:
      return state satisfies never;
  }
}

/** Half of the wait is chance, so that two processes do not come back together. */
function open(openings: number, { now, random }: Moment, limits: CircuitLimits): CircuitState {
  const longest = Math.min(limits.longestWaitMs, limits.firstWaitMs * 2 ** (openings - 1));
  return { kind: 'open', openings, until: now + longest * (0.5 + random / 2) };
}
