import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Step } from './steps.ts';
import type { Timeline } from './timeline.ts';

/** A server that processes call. While it is away it takes nothing, and what was under way fails. */
export interface Server {
  readonly name: 'redis' | 'supabase' | 'rabbitmq';
  /** What a client gets for a call that could not be answered. */
  readonly failure: () => Error;
  /** When a client gives up. */
  readonly timeoutMs: number;
  /** Calls of one process arrive in their order, as on one connection. */
  readonly inOrder: boolean;
}

/** A call between its sending and its answer. */
export interface Flight {
  readonly step: Step;
  readonly process: Process;
  readonly server: Server;
  /** The connection breaks: what was not carried out never is, and the caller learns of a failure alone. */
  break(): void;
  /** The answer takes so much longer. */
  delay(ms: number): void;
}

export interface NetworkOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  /** Just before and just after a step was carried out at its server; its answer is under way then. */
  readonly onStep: (flight: Flight, side: 'before' | 'after') => void;
}

export type Network = ReturnType<typeof createNetwork>;

export function createNetwork({ timeline, random, onStep }: NetworkOptions) {
  const away = new Set<Server>();
  const flights = new Set<Flight>();
  const lanes = new Map<Process, Map<Server, number>>();

  /** Most calls take a millisecond, some a long time. */
  function latency(): number {
    const kind = random.next();
    if (kind < 0.9) return random.between(0.1, 3);
    return kind < 0.98 ? random.between(3, 300) : random.between(300, 4000);
  }

  function arrival(process: Process, server: Server): number {
    const at = timeline.now() + latency();
    if (!server.inOrder) return at;
    const lane = lanes.get(process) ?? new Map<Server, number>();
    const inOrder = Math.max(at, lane.get(server) ?? 0);
    lanes.set(process, lane.set(server, inOrder));
    return inOrder;
  }

  function call<Value>(
    { process, server, step }: Pick<Flight, 'process' | 'server' | 'step'>,
    carryOut: () => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    let broken = false;
    let delayMs = 0;
    const flight: Flight = {
      step,
      process,
      server,
      break: () => {
        broken = true;
        answer(() => reject(server.failure()));
      },
      delay: (ms) => {
        delayMs += ms;
      },
    };
    const giveUp = () => process.deliver(() => end(() => reject(server.failure())));
    const takeBack = timeline.at(timeline.now() + server.timeoutMs, giveUp);

    function end(settle: () => void): void {
      takeBack();
      flights.delete(flight);
      signal?.removeEventListener('abort', onAbort);
      settle();
    }
    function onAbort(): void {
      end(() => reject(signal?.reason));
    }
    function answer(settle: () => void): void {
      timeline.at(timeline.now() + latency() + delayMs, () => process.deliver(() => end(settle)));
    }
    function arrive(): void {
      if (broken) return;
      if (away.has(server)) {
        flight.break();
        return;
      }
      onStep(flight, 'before');
      if (broken) return;
      carryOut().then(
        (value) => {
          onStep(flight, 'after');
          if (!broken) answer(() => resolve(value));
        },
        (error: unknown) => {
          if (!broken) answer(() => reject(error));
        },
      );
    }

    if (signal?.aborted) onAbort();
    else {
      signal?.addEventListener('abort', onAbort);
      flights.add(flight);
      timeline.at(arrival(process, server), arrive);
    }
    return promise;
  }

  return {
    call,
    latency,
    isAway: (server: Server) => away.has(server),
    leave(server: Server): void {
      away.add(server);
      for (const flight of [...flights]) if (flight.server === server) flight.break();
    },
    comeBack: (server: Server): void => void away.delete(server),
    /** A call of this process that is under way, if there is one. */
    flightOf: (process: Process): Flight | undefined =>
      [...flights].find((flight) => flight.process === process),
  };
}
