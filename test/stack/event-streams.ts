import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { waitFor } from './wait-for.ts';

export interface ServerEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly retry: number | null;
  /** When it was there, by `performance.now()`. */
  readonly at: number;
}

export interface StreamOptions {
  readonly url: string;
  readonly token: string;
  readonly lastEventId?: string;
}

export type EventStream = Awaited<ReturnType<typeof openEvents>>;

/** Opens an event stream on a connection of its own, and keeps what comes. Throws unless the answer is 200. */
export async function openEvents({ url, token, lastEventId }: StreamOptions) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  const sent = request(url, { agent: false, headers }).end();
  const response = await answerTo(sent);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  const events: ServerEvent[] = [];
  const state = { comments: 0, retry: null as number | null, ended: false };
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) take(block);
  });
  response.on('error', () => {}); // cut off
  response.on('close', () => {
    state.ended = true;
  });

  function take(block: string): void {
    const fields = new Map(block.split('\n').map(splitField));
    const retry = fields.has('retry') ? Number(fields.get('retry')) : null;
    state.retry = retry ?? state.retry;
    if (fields.has('')) state.comments += 1;
    const event = fields.get('event');
    if (!event) return;
    const data = JSON.parse(fields.get('data') ?? '') as ServerEvent['data'];
    events.push({ id: fields.get('id') ?? null, event, data, retry, at: performance.now() });
  }

  return {
    headers: response.headers,
    events,
    state,
    /** The first event, of those that came and that come, that `matches`. */
    until: (description: string, matches: (event: ServerEvent) => boolean) =>
      waitFor(description, () => events.find(matches), { everyMs: 5 }),
    untilEnd: () => waitFor('the stream to end', () => state.ended, { everyMs: 5 }),
    /** Takes nothing more off the connection. */
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => sent.destroy(),
  };
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => {}); // cut off
  return response;
}

function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
