import { currentTraceparent, failSpan, SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';

export interface Outbound<Answer> {
  readonly method: 'GET' | 'POST';
  /** Null: a stranger chose it, and no span tells of it. Of the others it tells no path, which may be as good as a token. */
  readonly server: URL | null;
  readonly statusOf: (answer: Answer) => number;
}

/** A request of an agent's as a span, which ends when the answer begins: what follows may take hours. */
export function outbound<Answer>(
  { method, server, statusOf }: Outbound<Answer>,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const attributes = { 'http.request.method': method, ...(server && serverAttributes(server)) };
  return withSpan(method, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    const answer = await send();
    const status = statusOf(answer);
    span.setAttribute('http.response.status_code', status);
    if (status >= 400) failSpan(span, String(status));
    return answer;
  });
}

/** Where a server is, by the conventions. */
export function serverAttributes({ hostname, port, protocol }: URL) {
  return {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}

/** Brings the server into the trace of the task. */
export function traceHeaders(): { traceparent?: string } {
  const traceparent = currentTraceparent();
  return traceparent === null ? {} : { traceparent };
}
