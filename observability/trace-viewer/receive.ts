import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OtlpError, readSpans, type Span } from './otlp.ts';

/** An export that is not taken, by the status of the answer. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const unzip = promisify(gunzip);

/** Reads the spans of one export, of at most `bodyLimit` bytes, zipped or not. Throws a Refusal. */
export async function receiveSpans(request: IncomingMessage, bodyLimit: number): Promise<Span[]> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Refusal(415, 'only application/json is read; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json');
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new Refusal(415, 'the content-encoding must be gzip, or none');
  const body = await readBody(request, bodyLimit);
  const whole = encoding === 'gzip' ? await unzipped(body, bodyLimit) : body;
  try {
    return readSpans(JSON.parse(whole.toString()));
  } catch (error) {
    if (error instanceof OtlpError) throw new Refusal(400, error.message);
    throw error instanceof SyntaxError ? new Refusal(400, 'the body must be JSON') : error;
  }
}

const tooLarge = (bodyLimit: number) => new Refusal(413, `the body must be at most ${bodyLimit} bytes`);

async function readBody(request: IncomingMessage, bodyLimit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A request that is destroyed gets no answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw tooLarge(bodyLimit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unzipped(body: Buffer, bodyLimit: number): Promise<Buffer> {
  return unzip(body, { maxOutputLength: bodyLimit }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(bodyLimit)
      : new Refusal(400, 'the body must be gzip, as its content-encoding says');
  });
}
