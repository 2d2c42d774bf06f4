import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SpanToEmit {
  readonly name: string;
  /** None: it begins a trace of its own. */
  readonly traceId?: string;
  readonly kind?: 'INTERNAL' | 'SERVER' | 'CLIENT';
  readonly attributes?: Readonly<Record<string, string>>;
  readonly seconds?: number;
  /** The message of an exception; the span has failed. */
  readonly error?: string;
  /** What a span of a library's under it tells, as an attribute, in an event and of a link. */
  readonly library?: string;
}

const run = promisify(execFile);
const script = join(import.meta.dirname, 'emit-spans.ts');

/** Has a process of its own make the spans, by the tracing of Tickwork's processes, with no other variables than these. */
export async function emitSpans(
  env: Readonly<Record<string, string>>,
  spans: readonly SpanToEmit[],
): Promise<void> {
  const { PATH = '' } = process.env;
  await run(process.execPath, [script, JSON.stringify(spans)], { env: { PATH, ...env }, timeout: 30_000 });
}

export const newTraceId = () => randomBytes(16).toString('hex');
