import { TaskError } from './errors.ts';
import { shared } from './shared.ts';

export interface HealthDependencies {
  /** Each resolves when its dependency answers. */
  readonly probes: { readonly supabase: Probe; readonly redis: Probe; readonly rabbitmq: Probe };
  /** What is still to be done. */
  readonly backlog: Readonly<Record<'ready' | 'unfinished' | 'deadLetters', () => Promise<number>>>;
  readonly timeoutMs: number;
}
type Probe = (signal: AbortSignal) => Promise<unknown>;

/**
 * Which dependencies answer, how fast, and else why not; and how much there is to do. Only without Supabase can nobody be served.
 * Who asks while it is being found out gets the same answer: anyone may ask.
 */
export function createCheckHealth({ probes, backlog, timeoutMs }: HealthDependencies) {
  async function check(probe: Probe) {
    const started = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    const expired = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject()),
    );
    const reason = await Promise.race([probe(signal), expired]).then(
      () => null,
      (error: unknown) => (error instanceof TaskError ? error.message : 'It did not answer'),
    );
    const latency_ms = Math.round(performance.now() - started);
    return reason === null ? { up: true, latency_ms } : { up: false, latency_ms, reason };
  }

  /** Null for what can't be counted now. */
  function tally(count: () => Promise<number>): Promise<number | null> {
    const expired = new Promise<null>((resolve) =>
      AbortSignal.timeout(timeoutMs).addEventListener('abort', () => resolve(null)),
    );
    return Promise.race([count().catch(() => null), expired]);
  }

  return shared(async () => {
    const [supabase, redis, rabbitmq, ready, unfinished, dead_letters] = await Promise.all([
      check(probes.supabase),
      check(probes.redis),
      check(probes.rabbitmq),
      tally(backlog.ready),
      tally(backlog.unfinished),
      tally(backlog.deadLetters),
    ]);
    const status: 'ok' | 'degraded' = supabase.up && redis.up && rabbitmq.up ? 'ok' : 'degraded';
    const counted = { ready, unfinished, dead_letters };
    return { healthy: supabase.up, status, supabase, redis, rabbitmq, backlog: counted };
  });
}
