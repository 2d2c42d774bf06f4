import { waitFor } from '../stack/wait-for.ts';
import type { PrometheusClient } from './prometheus-client.ts';

/** Alerts, each with the labels that tell its kinds apart. */
type Alerts = readonly string[];

export interface Phase {
  readonly name: string;
  readonly cause: () => Promise<unknown>;
  /** What must fire before the mend. */
  readonly fires: Alerts;
  /** What may fire beside. */
  readonly also?: Alerts;
  readonly mend: () => Promise<unknown>;
  /** What may go on firing into the next phase; all else has resolved. */
  readonly lasts?: Alerts;
  /** What may fire from now on to the end. */
  readonly stays?: Alerts;
}

/** One slow task in a hundred is enough, and how fast the machine is decides. */
const bySpeed = /^Tickwork(SyncLag|Dispatch)BudgetBurns /;
const waits = { timeoutMs: 90_000, everyMs: 250 };
const now = () => Date.now() / 1000;

const nameOf = ({ alertname = '', component, dependency, pass, window }: Readonly<Record<string, string>>) =>
  [alertname, component, dependency, pass, window].filter(Boolean).join(' ');

/** Drives one phase after the other, until `signal`. `tell` hears when each alert fires. */
export function createDriver(
  prometheus: Pick<PrometheusClient, 'alerts' | 'query'>,
  tell: (line: string) => void,
  signal: AbortSignal,
) {
  const fired = new Set<string>();
  let before: Alerts = [];
  let stays: Alerts = [];

  async function active(...states: readonly string[]): Promise<string[]> {
    const alerts = await prometheus.alerts();
    return alerts.flatMap(({ labels, state }) => (states.includes(state) ? nameOf(labels) : []));
  }

  async function firedSince(start: number): Promise<string[]> {
    const range = `${Math.ceil(now() - start)}s`;
    const alerts = await prometheus.query(`count_over_time(ALERTS{alertstate="firing"}[${range}])`);
    return alerts.map(({ metric }) => nameOf(metric));
  }

  const isOther = (allowed: Alerts) => (name: string) =>
    !allowed.includes(name) && !stays.includes(name) && !bySpeed.test(name);

  async function untilFiring({ name, fires }: Phase, start: number): Promise<void> {
    const missing = new Set(fires);
    await waitFor(
      `what "${name}" is to fire`,
      async () => {
        for (const one of await active('firing')) {
          if (missing.delete(one)) tell(`${name}: ${one} fires after ${Math.round(now() - start)} s`);
        }
        if (missing.size > 0) throw new Error(`missing: ${[...missing].join(', ')}`);
        return true;
      },
      waits,
    );
  }

  /** None is pending either: it would fire in the next phase. */
  async function untilResolved({ name }: Phase, lasts: Alerts): Promise<void> {
    await waitFor(
      `all of "${name}" to resolve`,
      async () => {
        const left = (await active('pending', 'firing')).filter(isOther(lasts));
        if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
        return true;
      },
      waits,
    );
  }

  async function breakAndMend(phase: Phase, start: number): Promise<void> {
    // After the end of the test there is nothing left that could be mended.
    const mend = async () => void (signal.aborted || (await phase.mend()));
    try {
      await phase.cause();
      await untilFiring(phase, start);
    } catch (error) {
      await mend().catch((second) => {
        throw new AggregateError([error, second], `${error}; and the mend failed: ${second}`);
      });
      throw error;
    }
    await mend();
  }

  return {
    /** The names of all alerts that fired. */
    fired,
    /** Answers what fired, and should not have. */
    async drive(phase: Phase): Promise<string[]> {
      const start = now();
      const { fires, also = [], lasts = [] } = phase;
      stays = [...stays, ...(phase.stays ?? [])];
      await breakAndMend(phase, start);
      await untilResolved(phase, lasts);
      tell(`${phase.name}: over after ${Math.round(now() - start)} s`);
      const names = await firedSince(start);
      for (const name of names) fired.add(name.split(' ')[0] ?? '');
      const allowed = [...fires, ...also, ...lasts, ...before];
      before = lasts;
      return names.filter(isOther(allowed)).toSorted();
    },
  };
}
