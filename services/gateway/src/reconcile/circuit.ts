import type { Clock } from '@tickwork/runtime/process/clock';
import type { ReconcilerTasks } from '@tickwork/task/ports';
import {
  ask,
  type CircuitLimits,
  type CircuitState,
  closedCircuit,
  settle,
  type Verdict,
} from './circuit-state.ts';

/** Nothing was sent: Supabase failed too often just now. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly retryInMs: number;

  constructor(retryInMs: number) {
    super('Supabase is left alone, as it failed again and again');
    this.retryInMs = retryInMs;
  }
}

export interface CircuitOptions {
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly limits: CircuitLimits;
  /** What an error tells of the dependency. */
  readonly judge: (error: unknown) => Verdict;
  readonly onChange: (state: CircuitState, cause: unknown) => void;
}

export interface Circuit {
  /** Throws CircuitOpenError at once instead of calling while the circuit is open. */
  run<Value>(call: () => Promise<Value>, signal: AbortSignal): Promise<Value>;
}

export const supabaseCircuitLimits: CircuitLimits = {
  mostFailures: 5,
  firstWaitMs: 250,
  longestWaitMs: 3000,
  retryMs: 250,
};

/** One for all that calls the same dependency. Own code, as the libraries for it read the system's clock. */
export function createCircuit({ clock, limits, judge, onChange }: CircuitOptions): Circuit {
  let state = closedCircuit;
  const moment = () => ({ now: clock.now(), random: clock.random() });

  function become(next: CircuitState, cause?: unknown): void {
    const changed = next.kind !== state.kind;
    state = next;
    if (changed) onChange(next, cause);
  }

  return {
    async run(call, signal) {
      const permission = ask(state, moment(), limits);
      if (permission.kind === 'refused') throw new CircuitOpenError(permission.retryInMs);
      become(permission.state);
      const asked = state;
      try {
        const value = await call();
        become(settle(state, asked, 'answered', moment(), limits));
        return value;
      } catch (error) {
        const verdict = signal.aborted ? 'unsaid' : judge(error);
        become(settle(state, asked, verdict, moment(), limits), error);
        throw error;
      }
    },
  };
}

/** The same tasks, called through the circuit. */
export function protectTasks(tasks: ReconcilerTasks, circuit: Circuit): ReconcilerTasks {
  return {
    syncBatch: (updates, signal) => circuit.run(() => tasks.syncBatch(updates, signal), signal),
    readRows: (keys, signal) => circuit.run(() => tasks.readRows(keys, signal), signal),
    activeRows: (after, minAgeMs, limit, signal) =>
      circuit.run(() => tasks.activeRows(after, minAgeMs, limit, signal), signal),
  };
}
