import type { ServerResponse } from 'node:http';
import { type LocalServer, startLocalServer } from './local-server.ts';

/** What came, as OpenAI's chat completions have it. */
interface ChatRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | null;
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice?: string;
  readonly stream: boolean;
  readonly max_tokens?: number;
}

/** How one request is answered. */
export type ChatAnswer = (response: ServerResponse, request: ChatRequest) => void;

export interface LlmServer extends Pick<LocalServer, 'close'> {
  /** What LLM_BASE_URL has to be. */
  readonly baseUrl: string;
  readonly requests: ChatRequest[];
  readonly authorizations: (string | undefined)[];
  readonly traceparents: unknown[];
  /** What the next requests get, one each; then 418. Nothing is left of an earlier script or its requests. */
  script(...answers: ChatAnswer[]): void;
}

/** An OpenAI-compatible endpoint that answers as it is told. `always` answers whatever the script does not. */
export async function startLlmServer(always?: ChatAnswer): Promise<LlmServer> {
  const requests: ChatRequest[] = [];
  const authorizations: (string | undefined)[] = [];
  const traceparents: unknown[] = [];
  let answers: ChatAnswer[] = [];
  const server = await startLocalServer((incoming, response, body) => {
    if (incoming.url !== '/v1/chat/completions') return void response.writeHead(404).end();
    const request: ChatRequest = JSON.parse(body);
    requests.push(request);
    authorizations.push(incoming.headers.authorization);
    traceparents.push(incoming.headers['traceparent']);
    const answer = answers.shift() ?? always ?? status(418);
    answer(response, request);
  });
  return {
    baseUrl: `${server.url}/v1`,
    requests,
    authorizations,
    traceparents,
    script(...wanted) {
      answers = wanted;
      requests.length = 0;
      authorizations.length = 0;
      traceparents.length = 0;
    },
    close: server.close,
  };
}

export interface Call {
  readonly name: string;
  /** JSON text, or what should have been some. */
  readonly arguments: string;
}

/** 100 tokens in and 10 out for each answer, so that sums are easy to tell. */
const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'test',
  choices: [{ index: 0, delta, finish_reason }],
});

function send(response: ServerResponse, events: readonly unknown[]): ServerResponse {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events)
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  return response;
}

/** A final answer, in two pieces. */
export const say = (text: string, { finish = 'stop' } = {}): ChatAnswer => {
  const half = Math.ceil(text.length / 2);
  const pieces = [text.slice(0, half), text.slice(half)].map((content) => chunk({ content }));
  return (response) => {
    send(response, [...pieces, chunk({}, finish), { id: 'chatcmpl-1', choices: [], usage }, '[DONE]']).end();
  };
};

/** Tool calls, their arguments in two pieces, with what the model says beside them. */
export const callTools =
  (calls: readonly Call[], text = ''): ChatAnswer =>
  (response, { messages }) => {
    const deltas = calls.flatMap(({ name, arguments: args }, index) => {
      const half = Math.ceil(args.length / 2);
      const id = `call_${messages.length}_${index}`;
      const first = { index, id, type: 'function', function: { name, arguments: args.slice(0, half) } };
      return [first, { index, function: { arguments: args.slice(half) } }];
    });
    const pieces = deltas.map((delta) => chunk({ tool_calls: [delta] }));
    const said = text ? [chunk({ content: text })] : [];
    const end = [chunk({}, 'tool_calls'), { id: 'chatcmpl-1', choices: [], usage }, '[DONE]'];
    send(response, [...said, ...pieces, ...end]).end();
  };

export const fetchPage = (url: string, text = ''): ChatAnswer =>
  callTools([{ name: 'fetch_page', arguments: JSON.stringify({ url }) }], text);

export const status =
  (
    code: number,
    headers: Record<string, string> = {},
    body = '{"error":{"message":"secret detail"}}',
  ): ChatAnswer =>
  (response) => {
    response.writeHead(code, headers).end(body);
  };

/** A body that is no stream of events. */
export const page: ChatAnswer = (response) => void response.end('<html>Welcome to the gateway</html>');
export const brokenEvent: ChatAnswer = (response) => {
  send(response, [chunk({ content: 'a' }), '{"choices":[', chunk({}, 'stop'), '[DONE]']).end();
};
/** As some endpoints tell an error once they have begun. */
export const errorEvent =
  (code: number | string): ChatAnswer =>
  (response) => {
    send(response, [chunk({ content: 'a' }), { error: { message: 'secret detail', code } }]).end();
  };
/** The stream ends in good order, but before its answer has. */
export const cutShort: ChatAnswer = (response) => void send(response, [chunk({ content: 'half an' })]).end();
export const disconnect: ChatAnswer = (response) => {
  send(response, [chunk({ content: 'half an' })]);
  response.write('data: {', () => response.destroy());
};
export const refuseConnection: ChatAnswer = (response) => void response.destroy();
export const empty: ChatAnswer = (response) => void send(response, [chunk({}, 'stop'), '[DONE]']).end();
/** Neither a header nor anything else. */
export const silent: ChatAnswer = () => {};
/** A piece of the answer now and then, without an end. */
export const slow: ChatAnswer = (response) => {
  const timer = setInterval(() => send(response, [chunk({ content: 'and ' })]), 10);
  response.on('close', () => clearInterval(timer));
};
