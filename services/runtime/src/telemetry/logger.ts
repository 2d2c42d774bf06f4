import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyLines } from './pretty-lines.ts';

export type { Logger };

/** What a user wrote or may not be told; nobody should log these, and if somebody does they don't come out. */
const secrets = ['authorization', 'token', 'mandate', 'result', 'password'];

/** JSON lines, on standard output unless told otherwise, with the trace of the span in which they were written. A terminal shows words. */
export function createLogger(
  { name, level }: { name: string; level: string },
  destination: DestinationStream | undefined = prettyLines(process.stdout),
): Logger {
  const options = {
    name,
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // ioredis hangs the command, arguments and all, on its errors.
    redact: [...secrets.flatMap((field) => [field, `*.${field}`]), '*.headers.authorization', 'err.command'],
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
