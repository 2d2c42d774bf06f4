import { createLeaderEvents } from './events.ts';
import { type Leadership, runLeaderElection } from './leader.ts';
import { createLeaseServer, type Journey } from './lease-server.harness.ts';
import { createHost, createWorld } from './simulated-hosts.harness.ts';

export const settings = { durationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 };
const near: Journey = { thereMs: 5, backMs: 5 };

export interface ElectorOptions {
  readonly offsetMs?: number;
  readonly rate?: number;
  readonly random?: () => number;
  /** How long work goes on after its signal. */
  readonly workEndsInMs?: number;
}

/** Processes that elect a leader among them over one simulated API server. */
export function createElection() {
  const world = createWorld();
  const server = createLeaseServer(world);

  function elector(identity: string, options: ElectorOptions = {}) {
    const host = createHost(world, options);
    const shutdown = new AbortController();
    const events = createLeaderEvents();
    const log: string[] = [];
    const terms: Leadership[] = [];
    const state = { journey: (): Journey => near, working: 0, mostWorking: 0, ended: false };
    events.on('started_leading', ({ reason }) => log.push(`started: ${reason}`));
    events.on('stopped_leading', ({ reason }) => log.push(`stopped: ${reason}`));
    const { workEndsInMs = 0, random = () => 0.5 } = options;

    async function work(leadership: Leadership): Promise<void> {
      terms.push(leadership);
      state.mostWorking = Math.max(state.mostWorking, ++state.working);
      await new Promise((resolve) => leadership.signal.addEventListener('abort', resolve));
      await host.clock.sleep(workEndsInMs, new AbortController().signal);
      state.working -= 1;
    }

    runLeaderElection({
      api: server.apiFor(host, () => state.journey()),
      settings: { ...settings, identity },
      clock: host.clock,
      events,
      random,
      onStartedLeading: work,
      signal: shutdown.signal,
    }).then(() => {
      state.ended = true;
    });
    return {
      host,
      log,
      state,
      shutDown: () => shutdown.abort(),
      isLeader: () => terms.at(-1)?.isLeader() ?? false,
    };
  }

  return { world, server, elector };
}
