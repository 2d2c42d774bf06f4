import type { Clock } from '@tickwork/runtime/process/clock';

/** How long a server asks to be left alone, in milliseconds: `retry-after-ms`, or `Retry-After` (RFC 9110, 10.2.3); null if it does not. */
export function retryAfterOf(
  headers: Readonly<Record<string, string>> | undefined,
  clock: Pick<Clock, 'wallTime'>,
): number | null {
  const exact = numberOf(headers?.['retry-after-ms']);
  if (exact !== null) return exact;
  const value = headers?.['retry-after'];
  const seconds = numberOf(value);
  if (seconds !== null) return seconds * 1000;
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? null : Math.max(0, date - clock.wallTime());
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
