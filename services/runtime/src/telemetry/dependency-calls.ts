import { EventEmitter } from 'node:events';
import type { Registry } from 'prom-client';
import type { Clock } from '../process/clock.ts';
import { createInstruments } from './instruments.ts';
import { isTraced, SpanKind, withSpan } from './trace-context.ts';

const dependencies = ['redis', 'rabbitmq', 'supabase'] as const;
type Dependency = (typeof dependencies)[number];

/** `refused`: it answered, and took it not. `given_up`: whoever asked waits no more. */
const callOutcomes = ['ok', 'refused', 'failed', 'given_up'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

interface DependencyEvents {
  called: [{ dependency: Dependency; operation: string; outcome: CallOutcome; seconds: number }];
}
export type DependencyEmitter = EventEmitter<DependencyEvents>;
export const createDependencyEvents = (): DependencyEmitter => new EventEmitter<DependencyEvents>();

/** The methods of a port, each with the name of its operation. */
export type Operations<Port> = Partial<Readonly<Record<keyof Port, string>>>;

export interface TimedOptions<Port> {
  readonly dependency: Dependency;
  readonly operations: Operations<Port>;
  /** What a failure tells; `signals` are those that the call was given. Not given: every one is `failed`. */
  readonly judge?: (error: unknown, signals: readonly AbortSignal[]) => CallOutcome;
  readonly events: DependencyEmitter;
  readonly clock: Pick<Clock, 'now'>;
}

/** After the conventions for databases. What goes through RabbitMQ has spans of its own, which travel with the messages. */
const databases: Readonly<Partial<Record<Dependency, string>>> = { redis: 'redis', supabase: 'postgresql' };

/** The call as a span of the trace in which it is made; alone it is none, as nobody would look for it. */
function spanned(dependency: Dependency, operation: string, call: () => Promise<unknown>): Promise<unknown> {
  const system = databases[dependency];
  if (!system || !isTraced()) return call();
  const attributes = { 'db.system.name': system, 'db.operation.name': operation };
  return withSpan(`${operation} ${dependency}`, { kind: SpanKind.CLIENT, attributes }, call);
}

/**
 * The same port, whose calls are told with how long each took to its answer or failure, and are spans of the trace in which they are
 * made. Its methods return promises.
 */
export function timeCalls<Port extends object>(port: Port, options: TimedOptions<Port>): Port {
  const { dependency, events, clock, judge = () => 'failed' } = options;
  const operations: Readonly<Record<PropertyKey, string | undefined>> = options.operations;

  async function timed(operation: string, given: readonly unknown[], call: () => unknown): Promise<unknown> {
    const started = clock.now();
    const tell = (outcome: CallOutcome) =>
      events.emit('called', { dependency, operation, outcome, seconds: (clock.now() - started) / 1000 });
    try {
      const value = await spanned(dependency, operation, async () => call());
      tell('ok');
      return value;
    } catch (error) {
      tell(
        judge(
          error,
          given.filter((each) => each instanceof AbortSignal),
        ),
      );
      throw error;
    }
  }

  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const operation = operations[name];
      if (!operation) return member.bind(target);
      return (...given: unknown[]) => timed(operation, given, () => Reflect.apply(member, target, given));
    },
  });
}

/** What a process asks of each dependency. */
export type ProcessOperations = Readonly<Partial<Record<Dependency, readonly string[]>>>;

const connected = ['redis', 'rabbitmq'] as const;
/** Whether there is a connection now. Supabase has none: each of its calls stands alone. */
export type Connections = Readonly<Record<(typeof connected)[number], () => boolean>>;

/** The metrics of a process' calls, and of the connections that it is given later. */
export function measureDependencies(
  events: DependencyEmitter,
  registry: Registry,
  operations: ProcessOperations,
): { watchConnections(connections: Connections): void } {
  const { gauge, histogram } = createInstruments(registry);
  const asked = dependencies.filter((name) => operations[name]);
  const calls = histogram({
    name: 'tickwork_dependency_call_duration_seconds',
    help: 'Time to the answer or failure of a call. refused: it answered, and did not take it; given_up: whoever asked waits no more.',
    labels: {
      dependency: asked,
      operation: [...new Set(asked.flatMap((name) => operations[name] ?? []))],
      outcome: callOutcomes,
    },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  for (const dependency of asked) {
    for (const operation of operations[dependency] ?? []) {
      calls.zero({ dependency, operation, outcome: 'failed' });
    }
  }
  events.on('called', ({ seconds, ...labels }) => calls.observe(labels, seconds));
  let watched: Connections | null = null;
  gauge({
    name: 'tickwork_dependency_connected',
    help: '1 while the connection can be used, else 0.',
    labels: { dependency: connected },
    collect: (now) => {
      for (const dependency of connected) now.set({ dependency }, watched?.[dependency]() ? 1 : 0);
    },
  });
  return {
    watchConnections: (connections) => {
      watched = connections;
    },
  };
}
