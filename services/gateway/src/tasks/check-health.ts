import { TaskError } from './errors.ts';

export interface HealthDependencies {
  /** Each resolves when its dependency answers. */
  readonly probes: { readonly supabase: Probe; readonly redis: Probe; readonly rabbitmq: Probe };
  readonly timeoutMs: number;
}
type Probe = (signal: AbortSignal) => Promise<unknown>;

/** Which dependencies answer, how fast, and else why not. Only without Supabase can nobody be served. */
export function createCheckHealth({ probes, timeoutMs }: HealthDependencies) {
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

  return async () => {
    const [supabase, redis, rabbitmq] = await Promise.all([
      check(probes.supabase),
      check(probes.redis),
      check(probes.rabbitmq),
    ]);
    const status = supabase.up && redis.up && rabbitmq.up ? 'ok' : 'degraded';
    return { healthy: supabase.up, status, supabase, redis, rabbitmq };
  };
}
