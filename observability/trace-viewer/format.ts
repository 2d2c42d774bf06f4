/** As a person says it: 850 µs, 12.3 ms, 4.56 s, 2 min 3 s. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`;
  if (milliseconds < 1000) return `${trim(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${trim(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Three digits that count. */
const trim = (value: number) => String(Number(value.toPrecision(3)));

/** UTC, as two people who look may not be in one place. */
export function formatTime(startMs: number): string {
  return new Date(startMs).toISOString().replace('T', ' ').replace('Z', ' UTC');
}
