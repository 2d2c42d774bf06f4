export interface HealthDependencies {
  /** Each resolves when its dependency answers. */
  readonly probes: { readonly supabase: Probe; readonly redis: Probe; readonly rabbitmq: Probe };
  readonly timeoutMs: number;
}
type Probe = (signal: AbortSignal) => Promise<unknown>;

/** Which dependencies answer, and how fast. Only without Supabase can nobody be served. */
export function createCheckHealth({ probes, timeoutMs }: HealthDependencies) {
  async function check(probe: Probe) {
    const started = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    const expired = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject()),
    );
    const up = await Promise.race([probe(signal), expired]).then(
      () => true,
      () => false,
    );
    return { up, latency_ms: Math.round(performance.now() - started) };
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
