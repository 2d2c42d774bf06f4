import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { findTraces, linksFrom, linksTo, servicesOf, summarize } from './find.ts';
import { listPage } from './list-page.ts';
import { messagePage, stylePath } from './page.ts';
import { Refusal, receiveSpans } from './receive.ts';
import type { TraceStore } from './store.ts';
import { tracePage } from './trace-page.ts';
import { waterfall } from './waterfall.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
}

/** No script, nothing from elsewhere, in no frame. */
const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export interface TraceViewerOptions {
  readonly store: TraceStore;
  /** A name by which it is reached, beside localhost and addresses. */
  readonly host?: string;
  /** In bytes, of one export. */
  readonly bodyLimit?: number;
  /** What nobody foresaw. */
  readonly onError: (error: unknown) => void;
}

/** Takes OTLP over HTTP in JSON at `/v1/traces`, and shows it. Does not listen yet. */
export function createTraceViewer({
  store,
  host = 'localhost',
  bodyLimit = 8 << 20,
  onError,
}: TraceViewerOptions): Server {
  const style = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');

  function show(url: URL): Answer {
    if (url.pathname === '/') return ok('text/html', list(store, url.searchParams));
    if (url.pathname === stylePath) return ok('text/css', style);
    const [, traceId] = /^\/traces\/([0-9a-f]{32})$/.exec(url.pathname) ?? [];
    const trace = traceId && showTrace(store, traceId);
    return trace ? ok('text/html', trace) : notFound(traceId !== undefined);
  }

  const takesHeads: readonly string[] = ['GET', 'HEAD'];

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url: target = '/' } = request;
    if (!isOwnName(request.headers.host, host))
      return problem(421, `the Host must be localhost, an IP address or the viewer's HOST, ${host}`);
    const url = URL.parse(target, 'http://viewer');
    const takes = url?.pathname === '/v1/traces' ? ['POST'] : takesHeads;
    if (!url) return notFound(false);
    if (!takes.includes(method)) {
      const allow = takes.join(', ');
      return { ...problem(405, `only ${allow} is answered here`), allow };
    }
    if (method !== 'POST') return show(url);
    store.add(await receiveSpans(request, bodyLimit));
    return { status: 200, type: 'application/json', body: '{}' };
  }

  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request)
      .catch((error: unknown) => {
        // The sender is gone: there is nobody to answer.
        if (error === request.errored) return null;
        if (error instanceof Refusal) return problem(error.status, error.message);
        onError(error);
        return problem(500, 'the viewer failed');
      })
      .then((given) => given && send(response, given));
  });
}

/** Any other name may be a foreign page's own, which its DNS server says is this machine (DNS rebinding). */
function isOwnName(header: string | undefined, host: string): boolean {
  const name = URL.parse(`http://${header}`)?.hostname.replace(/^\[|\]$/g, '');
  return name !== undefined && (['localhost', host.toLowerCase()].includes(name) || isIP(name) !== 0);
}

const ok = (type: string, body: string): Answer => ({ status: 200, type, body });

const notFound = (isTrace: boolean): Answer => ({
  status: 404,
  type: 'text/html',
  body: messagePage(isTrace ? 'This trace is not kept, or not here yet' : 'There is no such page'),
});

/** As OTLP has it: a Status with a message. */
const problem = (status: number, message: string): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify({ message }),
});

function list(store: TraceStore, query: URLSearchParams): string {
  const traces = store.all();
  const filter = {
    service: query.get('service') ?? '',
    failed: query.get('failed') === '1',
    correlationId: (query.get('correlation_id') ?? '').trim(),
  };
  return listPage({ found: findTraces(traces, filter), services: servicesOf(traces), filter });
}

function showTrace(store: TraceStore, traceId: string): string | null {
  const trace = store.get(traceId);
  if (!trace) return null;
  return tracePage({
    summary: summarize(trace),
    rows: waterfall(trace.spans),
    dropped: trace.dropped,
    linksFrom: linksFrom(trace, store.get),
    linksTo: linksTo(trace, store.all()),
  });
}

function send(response: ServerResponse, { status, type, body, allow }: Answer): void {
  // What is left of a body that is too large is not read.
  const close = status === 413 ? { connection: 'close' } : {};
  response
    .writeHead(status, {
      ...headers,
      ...close,
      ...(allow ? { allow } : {}),
      'content-type': `${type}; charset=utf-8`,
    })
    .end(body);
}
