import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createClock } from '@tickwork/runtime/process/clock';
import { afterEach, describe, expect, test } from 'vitest';
import { createGuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { isPublicAddress } from './public-address.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
const never = new AbortController().signal;

async function serve(listener: RequestListener) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    listener(request, response);
  }).listen(0, '127.0.0.1');
  let connections = 0;
  server.on('connection', () => connections++);
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { port, seen, url: `http://127.0.0.1:${port}`, connections: () => connections };
}

/** The page server's address alone is allowed, and its port. */
function fetcher(port: number, options: Partial<GuardedFetchOptions> = {}) {
  return createGuardedFetch({
    clock: createClock(),
    isAllowed: (address) => address === '127.0.0.1',
    ports: [80, 443, port],
    maxBytes: 10_000,
    timeLimitMs: 10_000,
    ...options,
  });
}

const resolvingTo =
  (...addresses: string[]): NonNullable<GuardedFetchOptions['lookup']> =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const forbidden = 'its address is not one of the public internet';

describe('a page that may be read', () => {
  test('comes with where it was, what it is and its bytes', async () => {
    const { port, url } = await serve((_request, response) => {
      response.setHeader('content-type', 'text/plain').end('hello');
    });
    expect(await fetcher(port)(`${url}/a?b=1#c`, never)).toMatchObject({
      url: `${url}/a?b=1#c`,
      status: 200,
      contentType: 'text/plain',
      body: Buffer.from('hello'),
      isCut: false,
    });
  });

  test('is cut at so many bytes after decompression, and no more of it is taken', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { port, url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });
    const { body, isCut } = await fetcher(port)(url, never);
    expect({ size: body.length, isCut }).toEqual({ size: 10_000, isCut: true });
  });

  test('that never ends is left once it is too much', async () => {
    const { port, url } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('a'.repeat(5000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await fetcher(port)(url, never)).toMatchObject({ isCut: true });
  });

  test('may be behind five redirects, not behind six', async () => {
    const { port, url, seen } = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` });
      response.end('there');
    });
    expect(await fetcher(port)(`${url}/5`, never)).toMatchObject({ url: `${url}/0`, status: 200 });
    seen.length = 0;
    await expect(fetcher(port)(`${url}/6`, never)).rejects.toThrow('more than 5 redirects');
    expect(seen).toHaveLength(6);
  });
});

describe('a URL that is refused before anything is asked', () => {
  test.each([
    ['no url', 'this is no valid URL'],
    ['file:///etc/passwd', 'only http and https can be read'],
    ['ftp://example.com', 'only http and https can be read'],
    ['http://user:secret@example.com', 'a URL with a user or password is not read'],
    ['http://example.com:22', 'port 22 is not read'],
  ])('%s', async (url, message) => {
    const guarded = createGuardedFetch({
      clock: createClock(),
      isAllowed: () => false,
      ports: [80, 443],
      maxBytes: 1,
      timeLimitMs: 5000,
      lookup: resolvingTo('127.0.0.1'),
    });
    await expect(guarded(url, never)).rejects.toThrow(message);
  });
});

describe('an address that is not public', () => {
  test.each([
    ...['127.0.0.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1', '127.1', '0x7f.1'],
    ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[::127.0.0.1]', '0'],
    ...['localhost', '127.0.0.1.', '①②⑦.⓪.⓪.①', '169.254.169.254', '[fd00:ec2::254]'],
  ])('%s is not connected to', async (host) => {
    const { port, connections } = await serve((_request, response) => response.end('inside'));
    const guarded = fetcher(port, { isAllowed: isPublicAddress });
    await expect(guarded(`http://${host}:${port}/`, never)).rejects.toThrow(forbidden);
    expect(connections()).toBe(0);
  });

  test.each([
    ['alone', ['127.0.0.2']],
    ['beside one that is', ['127.0.0.1', '127.0.0.2']],
    ['mapped', ['::ffff:127.0.0.2']],
  ])('behind a name, %s, is not connected to', async (_how, addresses) => {
    const { port, connections } = await serve((_request, response) => response.end('inside'));
    const guarded = fetcher(port, { lookup: resolvingTo(...addresses) });
    await expect(guarded(`http://name.test:${port}/`, never)).rejects.toThrow(forbidden);
    expect(connections()).toBe(0);
  });

  test.each([
    ['by its number', 'http://127.0.0.2:PORT/', forbidden],
    ['by an odd spelling', '//0x7f000002:PORT/', forbidden],
    ['on another port', 'http://127.0.0.1:22/', 'port 22 is not read'],
    ['by another protocol', 'file:///etc/passwd', 'only http and https can be read'],
    ['with a user', 'http://me@127.0.0.1:PORT/', 'a URL with a user or password is not read'],
  ])('behind a redirect, %s, is not connected to', async (_how, location, message) => {
    const { port, url, seen } = await serve((request, response) => {
      const isFirst = request.url === '/first';
      if (isFirst) response.writeHead(302, { location: location.replace('PORT', String(port)) });
      response.end('inside');
    });
    await expect(fetcher(port)(`${url}/first`, never)).rejects.toThrow(message);
    expect(seen).toEqual(['/first']);
  });

  test('gains nothing from a name that resolves otherwise a moment later: it is resolved once for a connection', async () => {
    const answers = ['127.0.0.1', '127.0.0.2'];
    let lookups = 0;
    const rebinding: GuardedFetchOptions['lookup'] = (name, options, callback) =>
      resolvingTo(answers[lookups++] ?? '127.0.0.2')(name, options, callback);
    const { port, seen } = await serve((_request, response) => response.end('outside'));
    const guarded = fetcher(port, { lookup: rebinding });
    expect(await guarded(`http://name.test:${port}/`, never)).toMatchObject({ status: 200 });
    await expect(guarded(`http://name.test:${port}/`, never)).rejects.toThrow(forbidden);
    expect({ lookups, seen }).toEqual({ lookups: 2, seen: ['/'] });
  });

  test('is judged again once connected, by what the socket says', async () => {
    const judged: string[] = [];
    const { port, seen } = await serve((_request, response) => response.end('inside'));
    const isAllowed = (address: string) => judged.push(address) === 1;
    const guarded = fetcher(port, { isAllowed, lookup: resolvingTo('127.0.0.1') });
    await expect(guarded(`http://name.test:${port}/`, never)).rejects.toThrow(forbidden);
    expect({ judged, seen }).toEqual({ judged: ['127.0.0.1', '127.0.0.1'], seen: [] });
  });
});

describe('a server that does not answer', () => {
  test('ends the fetch after its time, names and body included', async () => {
    const { port, url } = await serve((request, response) => {
      if (request.url === '/body') response.write('a');
    });
    const soon = { timeLimitMs: 60 };
    for (const path of ['/head', '/body'])
      await expect(fetcher(port, soon)(url + path, never)).rejects.toThrow('no answer within 0.06 s');
    const guarded = fetcher(port, { ...soon, lookup: () => {} });
    await expect(guarded(`http://name.test:${port}/`, never)).rejects.toThrow('no answer within 0.06 s');
  });

  test('is left at once when the task stops', async () => {
    const stop = new AbortController();
    const { port, url, seen } = await serve(() => stop.abort(new Error('stopped')));
    await expect(fetcher(port)(url, stop.signal)).rejects.toThrow('stopped');
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['a port that nobody listens on', 'it could not be reached', undefined],
    ['a name that nobody has', 'its name could not be resolved', 'ENOTFOUND'],
  ])('%s is told so', async (_name, message, code) => {
    const { port } = await serve(() => {});
    for (const close of closers.splice(0)) close();
    const failing: GuardedFetchOptions['lookup'] = (_name, _options, callback) =>
      callback(Object.assign(new Error('no'), { code }), []);
    const guarded = fetcher(port, { lookup: code ? failing : resolvingTo('127.0.0.1') });
    await expect(guarded(`http://name.test:${port}/`, never)).rejects.toThrow(message);
  });
});
