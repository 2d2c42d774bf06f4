import { createClock } from '@tickwork/runtime/process/clock';
import { afterAll, expect, test } from 'vitest';
import { createWebSearch } from '../../services/worker/src/agents/llm/web-search.ts';
import { startLocalServer } from './local-server.ts';
import { type Page, startPages } from './pages.ts';

const result = { title: 'Geese', url: 'http://g.test/', snippet: 'Many' };
const json = (body: unknown): Page => ({ type: 'application/json', body: JSON.stringify(body) });
const pages = await startPages({
  '/two': json({ results: [result, { title: 'Swans', url: 'http://s.test/', more: 1 }, result], took: 3 }),
  '/none': json({ results: [] }),
  '/shape': json({ results: [{ title: 'no url' }] }),
  '/html': { body: '<html>' },
  '/huge': json({ results: [{ ...result, snippet: 'x'.repeat(1_000_001) }] }),
  '/down': { status: 503, body: 'secret' },
});
const silent = await startLocalServer(() => {});
afterAll(() => Promise.all([pages.close(), silent.close()]));
const never = new AbortController().signal;

const search = (url: string, timeLimitMs = 10_000, signal = never) =>
  createWebSearch({ url, apiKey: undefined, clock: createClock(), timeLimitMs }).run(
    { query: 'geese', count: 2 },
    signal,
  );

test('what was found, no more of it than was asked for', async () => {
  const found = await search(`${pages.url}/two`);
  expect(found.text).toBe('1. Geese\nhttp://g.test/\nMany\n\n2. Swans\nhttp://s.test/');
  expect(pages.seen.at(-1)).toBe('/two?q=geese&count=2');
  expect(pages.authorizations.at(-1)).toBeUndefined();
  expect(await search(`${pages.url}/none`)).toMatchObject({ text: 'Nothing was found.' });
});

test.each([
  ['/shape', 'its answer has another shape'],
  ['/html', 'its answer has another shape'],
  ['/huge', 'its answer has another shape'],
  ['/down', 'it answered with status 503'],
])('%s fails with a reason for the model and the user', async (path, reason) => {
  await expect(search(pages.url + path)).rejects.toMatchObject({
    name: 'ToolFailure',
    message: `The search failed: ${reason}.`,
    note: `Could not search the web for “geese”: ${reason}`,
  });
});

test('an endpoint that does not answer is given up after its time, and left at once when the task stops', async () => {
  await expect(search(silent.url, 50)).rejects.toThrow('The search failed: it could not be reached.');
  const stop = new AbortController();
  const left = search(silent.url, 60_000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(left).rejects.toThrow('stopped');
});
