import { createRequire } from 'node:module';
import type { DestinationStream } from 'pino';

/** What is used of pino-pretty. It is no import: no worker has it installed. */
interface PinoPretty {
  prettyFactory(options: { singleLine: boolean; ignore: string }): (line: string) => string;
}

export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Where log lines go to be read by a person: a terminal, if pino-pretty is there. An image has none, and writes JSON. */
export function prettyLines(
  output: Output,
  load: () => PinoPretty = loadPretty,
): DestinationStream | undefined {
  if (!output.isTTY) return undefined;
  try {
    const toPretty = load().prettyFactory({ singleLine: true, ignore: 'pid,hostname' });
    // A terminal takes it at once, so the last line of a process that ends is there.
    return { write: (line) => void output.write(toPretty(line)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const loadPretty = () => createRequire(import.meta.url)('pino-pretty') as PinoPretty;
