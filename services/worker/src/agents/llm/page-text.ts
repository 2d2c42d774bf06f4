import type { Fetched } from './guarded-fetch.ts';

/** A page as text, before HTML has been taken out; null where it is of a type that holds none. */
export function decodePage({ contentType, body }: Pick<Fetched, 'contentType' | 'body'>): {
  readonly kind: 'html' | 'text';
  readonly text: string;
} | null {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8);
  const label = charset?.replaceAll('"', '');
  if (type === 'text/html' || type === 'application/xhtml+xml')
    return { kind: 'html', text: decode(body, label ?? charsetInside(body)) };
  const isText =
    type === '' || /^text\/|^application\/(.+\+)?(json|xml)$|^application\/(yaml|javascript)$/.test(type);
  return isText ? { kind: 'text', text: decode(body, label) } : null;
}

/** HTML may say its charset within its first 1024 bytes. */
function charsetInside(body: Buffer): string | undefined {
  return /<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(body.subarray(0, 1024).toString('latin1'))?.[1];
}

function decode(body: Buffer, label = 'utf-8'): string {
  return decoderOf(label).decode(body);
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
