import { type Stamp, stampFromTimestamp } from '@tickwork/task/stamp';

const dateTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;
/** What no task is newer than; a stamp beyond 2255 would not be exact. */
const latest = Date.UTC(2200, 0) * 1000;

/** Reads a time of RFC 3339, to the microsecond; one before 1970 or after 2200 counts as that. Undefined for anything else. */
export function parseDateTime(text: string): Stamp | undefined {
  const [, date = '', time, fraction = '0', zone] = dateTime.exec(text.toUpperCase()) ?? [];
  // ECMAScript reads the 30th of February as a day in March.
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  if (Number.isNaN(Date.parse(`${date}T${time}${zone}`))) return undefined;
  const stamp = stampFromTimestamp(`${date}T${time}.${fraction.slice(0, 6)}${zone}`);
  return Math.min(Math.max(stamp, 0), latest);
}
