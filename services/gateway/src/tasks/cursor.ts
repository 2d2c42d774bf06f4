import { parseStamp, type Stamp } from '@tickwork/task/stamp';

/** The last task of a page: the next one begins behind it, whatever was added or deleted meanwhile. */
export interface Cursor {
  readonly createdAt: Stamp;
  /** The row's own id, which tells tasks of one microsecond apart. */
  readonly id: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Opaque to clients, and no secret: whoever makes one up sees no more than the tasks that are theirs. */
export function encodeCursor({ createdAt, id }: Cursor): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url');
}

/** Undefined for what `encodeCursor` never gave. */
export function decodeCursor(text: string): Cursor | undefined {
  const [stamp, id = ''] = Buffer.from(text, 'base64url').toString('latin1').split('.');
  const createdAt = parseStamp(stamp);
  if (createdAt === null || !uuid.test(id)) return undefined;
  const cursor = { createdAt, id };
  return encodeCursor(cursor) === text ? cursor : undefined;
}
