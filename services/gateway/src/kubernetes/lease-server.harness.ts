import type { Lease, ReadOutcome, WriteOutcome } from './election.ts';
import type { LeaseApi } from './lease.ts';
import type { Host, World } from './simulated-hosts.harness.ts';

/** What becomes of one call: how long it is on its way there and back, and whether it arrives. */
export interface Journey {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost?: 'request' | 'answer' | undefined;
}

/** The API server with its one Lease, in memory; writes are compared by version, as the real one does. */
export interface LeaseServer {
  lease: Lease | null;
  /** Any write by somebody else. */
  touch(change?: Partial<Lease>): void;
  /** The server as a host reaches it. */
  apiFor(host: Host, journey: () => Journey): LeaseApi;
}

export function createLeaseServer(world: World): LeaseServer {
  let versions = 0;
  const put = (holder: string, durationMs: number): Lease => {
    server.lease = { holder, durationMs, version: String(++versions), object: {} };
    return server.lease;
  };
  const write = (allowed: boolean, holder: string, durationMs: number): WriteOutcome =>
    allowed ? { kind: 'written', lease: put(holder, durationMs) } : { kind: 'conflict' };
  const read = (): ReadOutcome =>
    server.lease ? { kind: 'found', lease: server.lease } : { kind: 'missing' };

  const server: LeaseServer = {
    lease: null,
    touch: (change = {}) => {
      const { holder, durationMs } = { holder: '', durationMs: 0, ...server.lease, ...change };
      put(holder, durationMs);
    },
    apiFor: (host, journey) => {
      const call = travel(world, host, journey);
      return {
        read: (signal) => call(read, signal),
        create: (holder, ms, signal) => call(() => write(server.lease === null, holder, ms), signal),
        replace: (lease, holder, ms, signal) =>
          call(() => write(server.lease?.version === lease.version, holder, ms), signal),
      };
    },
  };
  return server;
}

type Failed = { readonly kind: 'failed'; readonly reason: string };

/** A call that was given up may still arrive. */
function travel(world: World, host: Host, journey: () => Journey) {
  return <Outcome>(action: () => Outcome, signal: AbortSignal): Promise<Outcome | Failed> =>
    new Promise((resolve) => {
      const { thereMs, backMs, lost } = journey();
      signal.addEventListener('abort', () => resolve({ kind: 'failed', reason: 'no answer' }), {
        once: true,
      });
      if (lost === 'request') return;
      world.at(world.now() + thereMs, () => {
        const outcome = action();
        if (lost === 'answer') return;
        world.at(world.now() + backMs, () => host.deliver(() => resolve(outcome)));
      });
    });
}
