import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { createTraceViewer } from './server.ts';
import { createTraceStore } from './store.ts';

const bodyLimit = 20_000;
const onError = vi.fn();
const server = createTraceViewer({
  store: createTraceStore({ maxBytes: 1_000_000 }),
  host: 'Viewer',
  bodyLimit,
  onError,
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const other = '1af7651916cd43dd8448eb211c80319c';
const hostile = `<script>alert("1")</script>'"&`;
const text = (value: string) => ({ stringValue: value });
const span = {
  ...{ traceId, spanId: 'b7ad6b7169203331', name: hostile, startTimeUnixNano: '1767225600000000000' },
  ...{ endTimeUnixNano: '1767225600250000000', status: { code: 2 } },
  attributes: [
    { key: 'tickwork.task.correlation_id', value: text('c-1') },
    { key: 'error.type', value: text(hostile) },
    { key: hostile, value: text(hostile) },
  ],
};
const linked = { ...span, traceId: other, name: 'sync tasks', status: {}, attributes: [], links: [span] };
const resource = {
  attributes: [
    { key: 'service.name', value: text(hostile) },
    { key: 'host.name', value: text('host-7') },
  ],
};
const batch = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span, linked] }] }] });

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/traces`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
const read = async (path: string) => (await fetch(url + path)).text();

test('what is exported is listed, found by its task, and shown with what links to it', async () => {
  expect(await read('/')).toContain('No trace matches');
  const exported = await post(batch);
  expect([exported.status, await exported.text()]).toEqual([200, '{}']);
  const all = await read('/');
  expect(all).toContain(`href="/traces/${traceId}"`);
  expect(all).toContain(`href="/traces/${other}"`);
  for (const query of ['correlation_id=c-1', 'failed=1']) {
    const found = await read(`/?${query}`);
    expect(found).toContain(`href="/traces/${traceId}"`);
    expect(found).not.toContain(`href="/traces/${other}"`);
  }
  expect(await read('/?service=nobody')).toContain('No trace matches');
  const shown = await read(`/traces/${traceId}`);
  expect(shown).toContain('250 ms');
  expect(shown).toMatch(/host\.name<\/dt><dd class="text">host-7</);
  expect(shown).toMatch(new RegExp(`What links to this trace.*/traces/${other}.*by .*sync tasks`, 's'));
  expect(await read(`/traces/${other}`)).toMatch(new RegExp(`This trace links to.*/traces/${traceId}`, 's'));
});

test('whatever text comes stays text, and no page may run anything', async () => {
  await post(batch);
  const query = encodeURIComponent(`"><script>`);
  for (const path of ['/', `/traces/${traceId}`, `/?correlation_id=${query}&service=${query}`, `/${query}`]) {
    const response = await fetch(url + path);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; style-src 'self'");
    const page = await response.text();
    expect(page).not.toMatch(/<script|[^=]"&#|style=/);
  }
  expect(await read(`/traces/${traceId}`)).toContain('&#60;script&#62;alert(&#34;1&#34;)');
});

test('a zipped export is taken', async () => {
  expect((await post(gzipSync(batch), { 'content-encoding': 'gzip' })).status).toBe(200);
});

test.each<[number, string, () => Promise<Response>]>([
  [
    415,
    'set OTEL_EXPORTER_OTLP_PROTOCOL=http/json',
    () => post('', { 'content-type': 'application/x-protobuf' }),
  ],
  [415, 'the content-encoding must be gzip', () => post(batch, { 'content-encoding': 'br' })],
  [400, 'the body must be JSON', () => post('{')],
  [400, 'the body must be gzip', () => post(batch, { 'content-encoding': 'gzip' })],
  [400, 'resourceSpans must be a list', () => post('{}')],
  [413, `at most ${bodyLimit} bytes`, () => post(' '.repeat(bodyLimit * 500))],
  [
    413,
    `at most ${bodyLimit} bytes`,
    () => post(gzipSync(' '.repeat(bodyLimit + 1)), { 'content-encoding': 'gzip' }),
  ],
  [405, 'only POST', () => fetch(`${url}/v1/traces`)],
  [405, 'only GET, HEAD', () => fetch(url, { method: 'POST' })],
  [404, 'There is no such page', () => fetch(`${url}/v1/metrics`)],
  [404, 'This trace is not kept', () => fetch(`${url}/traces/${'a'.repeat(32)}`)],
])('%i: %s', async (status, message, call) => {
  const response = await call();
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(message);
  expect(onError).not.toHaveBeenCalled();
});

/** The status where a client names this host: `fetch` lets none be named. */
async function statusFor(host: string): Promise<number | undefined> {
  const asked = request(url, { headers: { host } }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

test('no name is answered but its own: another’s may be a foreign page that leads here by DNS', async () => {
  for (const own of ['localhost', 'LOCALHOST:4318', '127.0.0.1:4318', '[::1]:4318', 'viewer:4318'])
    expect([own, await statusFor(own)]).toEqual([own, 200]);
  for (const foreign of [
    'rebound.example',
    'localhost.rebound.example:4318',
    '127.0.0.1.rebound.example',
    '/',
  ])
    expect([foreign, await statusFor(foreign)]).toEqual([foreign, 421]);
});

test('what is not the sender’s fault is no 400, and is told', async () => {
  const error = new RangeError('of the viewer');
  const original = JSON.parse;
  const parse = vi.spyOn(JSON, 'parse').mockImplementation((given) => {
    if (given === batch) throw error;
    return original(given);
  });
  const { status } = await post(batch);
  parse.mockRestore();
  expect(status).toBe(500);
  expect(onError.mock.calls).toEqual([[error]]);
  onError.mockClear();
});

test('an upload that its sender ends is no error', async () => {
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const arrived = once(server, 'request');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`${head}Content-Length: 100\r\n\r\n{`);
  const [, response] = await arrived;
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
  expect((await post(batch)).status).toBe(200);
  expect(onError).not.toHaveBeenCalled();
  expect(response.headersSent).toBe(false);
});
