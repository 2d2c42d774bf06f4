import type { Logger } from './logger.ts';

const quietMs = 30_000;

/**
 * Tells of trouble with a service: at once, then at most once in 30 s for as long as it lasts; what comes between is on
 * level debug. Only the reason is logged: a client's error may carry the command, and with it what a user wrote.
 */
export function createConnectionLog(logger: Logger, service: string): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const told = performance.now() - toldAt < quietMs;
    if (!told) toldAt = performance.now();
    logger[told ? 'debug' : 'warn']({ service, reason: reasonOf(error) }, `trouble with ${service}`);
  };
}

/** Node's AggregateError of several addresses has no message, but a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  return error.message || code;
}
