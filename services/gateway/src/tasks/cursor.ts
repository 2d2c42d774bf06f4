import type { Stamp } from '@tickwork/task/stamp';

/** The last task of a page: the next one begins behind it, whatever was added or deleted meanwhile. */
export interface Cursor {
  readonly createdAt: Stamp;
  /** The row's own id, which tells tasks of one microsecond apart. */
  readonly id: string;
}

/** 24 bytes: eight of the stamp, which a double holds exactly, and the sixteen of the id. Every text of this shape is a cursor. */
export const cursorPattern = '^A[AB][A-Za-z0-9_-]{30}$';
const shape = new RegExp(cursorPattern);

/** Opaque to clients, and no secret: whoever makes one up sees no more than the tasks that are theirs. */
export function encodeCursor({ createdAt, id }: Cursor): string {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(BigInt(createdAt));
  bytes.write(id.replaceAll('-', ''), 8, 'hex');
  return bytes.toString('base64url');
}

/** Undefined for what `encodeCursor` never gives. */
export function decodeCursor(text: string): Cursor | undefined {
  if (!shape.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const id = bytes.toString('hex', 8).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return { createdAt: Number(bytes.readBigUInt64BE()), id };
}
