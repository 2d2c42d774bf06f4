import { TextDecoder } from 'node:util';
import { createParser } from 'eventsource-parser';
import { ProtocolError } from './events.ts';

/** The most that is kept of an event that isn't whole yet. */
const longestEventBytes = 1024 * 1024;
const tooLong = () => new ProtocolError(`an event must be no longer than ${longestEventBytes} bytes`);

/** The JSON text of each event. Chunks may end anywhere; no chunk is taken before the events of the last one were. */
type ReadTexts = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<string, void>;

const lineFeed = 0x0a;

/** A line is split off as bytes, as in UTF-8 no part of a character is a line feed. */
const readLines: ReadTexts = async function* (chunks) {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const line = decode(Buffer.concat([...parts, chunk.subarray(start, end)]));
      parts = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestEventBytes) throw tooLong();
  }
  const rest = Buffer.concat(parts);
  if (isWhole(rest.toString())) yield decode(rest);
};

/** The last line may lack its end; but what is no JSON there was cut off on its way. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

const readServerSentEvents: ReadTexts = async function* (chunks) {
  const events: string[] = [];
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: longestEventBytes,
    onEvent: ({ data }) => {
      if (data.trim() !== '') events.push(data);
    },
    onError: ({ type }) => {
      isTooLong ||= type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of chunks) {
    parser.feed(decode(chunk, decoder));
    yield* events.splice(0);
    if (isTooLong) throw tooLong();
  }
};

function decode(bytes: Uint8Array, decoder?: TextDecoder): string {
  try {
    return decoder
      ? decoder.decode(bytes, { stream: true })
      : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProtocolError('the stream must be UTF-8');
  }
}

const readers = new Map<string, ReadTexts>([
  ['application/x-ndjson', readLines],
  ['application/jsonl', readLines],
  ['text/event-stream', readServerSentEvents],
]);

export const acceptedStreams = [...readers.keys()];

/** How to read the stream that these headers announce; parameters of its type don't count. */
export function readerOf(headers: Readonly<Record<string, unknown>>): ReadTexts {
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  const reader = readers.get(type.trim().toLowerCase());
  if (!reader) throw new ProtocolError(`content-type must be one of ${acceptedStreams.join(', ')}`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ProtocolError('content-encoding must be absent: the stream must not be compressed');
  }
  return reader;
}
