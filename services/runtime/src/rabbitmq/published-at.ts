/** Beside the message's traceparent, as AMQP's own timestamp knows seconds only. Milliseconds since 1970 by the publisher's clock. */
const header = 'published_at_ms';
/** A clock that was never set tells 1970, and seconds in place of milliseconds are there too. */
const earliest = Date.UTC(2020);
const latest = Date.UTC(2100);

export const publishedAtHeader = (wallTime: number) => ({ [header]: Math.round(wallTime) });

/** Null where the message tells none, as that of an older publisher, or what can't be one. Anybody may publish headers of any shape. */
export function publishedAtOf(headers: Readonly<Record<string, unknown>> | undefined): number | null {
  const value = headers?.[header];
  return typeof value === 'number' && value >= earliest && value < latest ? value : null;
}
