import { lookup as systemLookup } from 'node:dns';
import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import { fetch, type Response } from 'undici';
import { outbound } from '../outbound.ts';
import { type AddressGuard, createGuardedDispatcher, ForbiddenAddress } from './guarded-dispatcher.ts';
import { readUpTo } from './read-up-to.ts';

/** Nothing was fetched. The message is for the model and the user: it says why, and nothing of what is inside our network. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

export interface GuardedFetchOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether a connection to this IP address may be made. */
  readonly isAllowed: (address: string) => boolean;
  readonly ports: readonly number[];
  /** Of the body, after decompression. */
  readonly maxBytes: number;
  /** For everything: names, connections, redirects and the body. */
  readonly timeLimitMs: number;
  readonly lookup?: AddressGuard['lookup'];
}

export interface Fetched {
  /** Where the redirects ended. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** There was more than `maxBytes`. */
  readonly isCut: boolean;
}

/** Throws FetchRefused, or the signal's reason. */
export type GuardedFetch = (url: string, signal: AbortSignal) => Promise<Fetched>;

const maxRedirects = 5;
/** No trace header either: who runs the page is nobody of ours. */
const called = { method: 'GET', server: null, statusOf: ({ status }: Response) => status } as const;
const headers = {
  accept: 'text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.9, */*;q=0.1',
  'user-agent': 'Tickwork (fetch_page)',
};

/**
 * A GET of a URL that a stranger may have chosen. The address of each connection is judged as it is made, so a name that resolves
 * otherwise a moment later gains nothing, and neither does a redirect: each hop is judged like the first.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { clock, ports, maxBytes, timeLimitMs, isAllowed, lookup = systemLookup } = options;

  async function follow(start: string, signal: AbortSignal): Promise<Fetched> {
    // One for each fetch: no connection, TLS session or proxy setting outlives it.
    const dispatcher = createGuardedDispatcher({ isAllowed, lookup });
    try {
      let url = judgeUrl(start, ports);
      for (let hops = 0; hops <= maxRedirects; hops++) {
        const here = url;
        const response = await outbound(called, () =>
          fetch(here, { dispatcher, headers, redirect: 'manual', signal }),
        );
        const location = redirectOf(response);
        if (location === null) return await take(url, response, maxBytes);
        await response.body?.cancel();
        url = judgeUrl(location, ports, url);
      }
      throw new FetchRefused(`more than ${maxRedirects} redirects`);
    } finally {
      void dispatcher.destroy().catch(() => {});
    }
  }

  return async (url, signal) => {
    try {
      return await withTimeLimit(clock, timeLimitMs, (limit) =>
        follow(url, AbortSignal.any([signal, limit])),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof FetchRefused ? error : new FetchRefused(describe(error, timeLimitMs));
    }
  };
}

/** URL has made plain addresses of the odd spellings by now: octal, hexadecimal, a single number. */
function judgeUrl(text: string, ports: readonly number[], base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw new FetchRefused('this is no valid URL');
  const isTls = url.protocol === 'https:';
  if (!isTls && url.protocol !== 'http:') throw new FetchRefused('only http and https can be read');
  if (url.username || url.password) throw new FetchRefused('a URL with a user or password is not read');
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  if (!ports.includes(port)) throw new FetchRefused(`port ${port} is not read`);
  return url;
}

function redirectOf({ status, headers }: Response): string | null {
  return [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null;
}

async function take(url: URL, response: Response, maxBytes: number): Promise<Fetched> {
  const { status, headers, body } = response;
  const contentType = headers.get('content-type') ?? '';
  return { url: url.href, status, contentType, ...(await readUpTo(body, maxBytes)) };
}

function describe(error: unknown, timeLimitMs: number): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ForbiddenAddress) return cause.message;
    if (cause.name === 'TimeoutError') return `no answer within ${timeLimitMs / 1000} s`;
    const code = 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name could not be resolved';
    if (/CERT|SELF_SIGNED|ISSUER|ERR_TLS|ERR_SSL/.test(code)) return 'its certificate is not valid';
  }
  return 'it could not be reached';
}
