/**
 * How long a server asks to be left alone, in milliseconds: seconds, or a date in the form that senders must use (RFC 9110, 10.2.3); null
 * where it says nothing. `now` is the host's time.
 */
export function retryAfterOf(header: string | string[] | undefined, now: number): number | null {
  if (typeof header !== 'string') return null;
  const seconds = numberOf(header);
  if (seconds !== null) return seconds * 1000;
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(header)
    ? Date.parse(header)
    : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

export const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\s*\d{1,9}(\.\d+)?\s*$/.test(text) ? Number(text) : null;
