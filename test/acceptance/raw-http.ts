import { Agent, request } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer as it came over the wire. */
export interface Answered {
  readonly status: number;
  readonly reason: string;
  /** Names and values by turns, in their order and spelling. */
  readonly headers: readonly string[];
  readonly body: string;
}

const longestMs = 20_000;

/** HTTP without what a client makes of an answer, over one connection that is kept. */
export function createRawHttp(baseUrl: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = ({ method, path, headers = {}, body }: Asked): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const options = { agent, method, headers, signal: AbortSignal.timeout(longestMs) };
      const sent = request(baseUrl + path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, statusMessage: reason = '', rawHeaders } = response;
          resolve({ status, reason, headers: rawHeaders, body: Buffer.concat(chunks).toString() });
        });
      });
      sent.on('error', reject).end(body);
    });
  return { ask, close: () => agent.destroy() };
}

/** What of an answer is its own alone, whatever was asked. */
const ofItsOwn = new Set(['date', 'ratelimit-remaining', 'ratelimit-reset']);

/** An answer without its date, its trace and the place in the rate limit; all else of it stays. */
export function comparable({ status, reason, headers, body }: Answered) {
  const kept = headers.map((text, index) => {
    const name = headers[index - 1]?.toLowerCase() ?? '';
    return index % 2 === 1 && ofItsOwn.has(name) ? '…' : text;
  });
  return { status, reason, headers: kept, body: body.replace(/"trace_id":"[0-9a-f]{32}"/, '"trace_id":"…"') };
}
