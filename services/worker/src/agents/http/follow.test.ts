import { expect, test } from 'vitest';
import { readerOf } from './event-texts.ts';
import { followEvents } from './follow.ts';
import { asLine, asServerSent, createContext, result } from './http.harness.ts';

test.each([
  ['application/x-ndjson', asLine],
  ['text/event-stream', asServerSent],
])('%s is read no faster than ticks are taken', async (contentType, asText) => {
  const taken: string[] = [];
  async function* chunks() {
    for (const event of [{ type: 'tick', notes: 'a' }, { type: 'checkpoint', state: 'b' }, result]) {
      taken.push(`read ${event.type}`);
      yield Buffer.from(asText(event));
    }
  }
  const { context } = createContext();
  const turns = async (what: string) => {
    for (let turn = 0; turn < 20; turn++) await null;
    taken.push(what);
  };
  const texts = readerOf({ 'content-type': contentType })(chunks());
  await followEvents(texts, {
    ...context,
    tick: () => turns('tick taken'),
    checkpoint: () => turns('checkpoint taken'),
  });
  expect(taken).toEqual(['read tick', 'tick taken', 'read checkpoint', 'checkpoint taken', 'read result']);
});
