import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readerOf } from './event-texts.ts';

const event = fc.record({ type: fc.string({ unit: 'grapheme' }), notes: fc.string({ unit: 'binary' }) });
const ends = fc.constantFrom('\n', '\r\n');
const noise = fc.array(fc.constantFrom('', ': here', 'id: 7', 'event: tick'), { maxLength: 3 });

async function read(contentType: string, text: string, cuts: readonly number[]): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  async function* chunks() {
    for (const [index, start] of at.slice(0, -1).entries()) yield bytes.subarray(start, at[index + 1]);
  }
  const events: unknown[] = [];
  const texts = readerOf({ 'content-type': contentType })(chunks());
  for await (const json of texts) events.push(JSON.parse(json));
  return events;
}

const cuts = fc.array(fc.nat(), { maxLength: 40 });

test('lines are the same wherever chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event), ends, cuts, async (events, end, where) => {
      const text = events.map((one) => `${end}${JSON.stringify(one)}${end}`).join('');
      expect(await read('application/jsonl', text, where)).toEqual(events);
    }),
  );
});

test('server-sent events are the same wherever chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event), ends, noise, cuts, async (events, end, lines, where) => {
      const between = lines.map((line) => line + end).join('');
      const text = events.map((one) => `${between}data: ${JSON.stringify(one)}${end}${end}`).join('');
      expect(await read('text/event-stream', text, where)).toEqual(events);
    }),
  );
});
