import { type LocalServer, startLocalServer } from './local-server.ts';

export interface Pages extends LocalServer {
  /** The paths that were asked for, with what followed them. */
  readonly seen: string[];
  readonly authorizations: (string | undefined)[];
  readonly traceparents: unknown[];
}

export interface Page {
  readonly type?: string;
  readonly body: string | Buffer;
  readonly status?: number;
}

/** A web of a few pages, by path; 404 for others. */
export async function startPages(pages: Readonly<Record<string, Page>>): Promise<Pages> {
  const seen: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const traceparents: unknown[] = [];
  const server = await startLocalServer(({ url = '/', headers }, response) => {
    seen.push(url);
    authorizations.push(headers.authorization);
    traceparents.push(headers['traceparent']);
    const page = pages[url.split('?', 1)[0] ?? ''];
    const { status = 200, type = 'text/plain', body } = page ?? { status: 404, body: 'none' };
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  return { ...server, seen, authorizations, traceparents };
}
