/**
 * A hybrid logical clock's stamp: microseconds since 1970. Kept as an integer, which a double holds exactly until the year
 * 2255; never a `Date`, which drops the microseconds that order two writes of the same millisecond.
 */
export type Stamp = number;

/** Reads a stamp as Redis holds it. Returns null for anything but a whole number of microseconds in the safe range. */
export function parseStamp(text: string | null | undefined): Stamp | null {
  if (!text || !/^\d{1,16}$/.test(text)) return null;
  const stamp = Number(text);
  return Number.isSafeInteger(stamp) ? stamp : null;
}

const timestamp = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/** Reads a timestamptz as Postgres and PostgREST print it (up to six decimals), without losing a microsecond. */
export function stampFromTimestamp(text: string): Stamp {
  const [, date, time, fraction = '', zone = 'Z'] = timestamp.exec(text) ?? [];
  const seconds = Date.parse(`${date}T${time}${zoneAsIso(zone)}`) / 1000;
  if (!Number.isInteger(seconds)) throw new Error('not a timestamp with a time zone');
  return seconds * 1_000_000 + Number(fraction.padEnd(6, '0'));
}

/** Postgres prints `+00`; ECMAScript wants `+00:00`. */
function zoneAsIso(zone: string): string {
  if (zone === 'Z') return zone;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/** As a timestamptz that Postgres reads, exact to the microsecond. */
export function timestampFromStamp(stamp: Stamp): string {
  const seconds = new Date(Math.floor(stamp / 1_000_000) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(stamp % 1_000_000).padStart(6, '0')}Z`;
}
