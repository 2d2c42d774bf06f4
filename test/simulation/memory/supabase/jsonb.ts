import type { Json } from '@tickwork/task/task';

/** Undefined where a jsonb column does not take the text: it is no JSON, or has a NUL or half a surrogate pair in it. */
export function parseJsonb(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return textsIn(value).every(isStorable) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\u0000');

/** Every text in it, keys too. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]);
}

/** octet_length(value::text): jsonb prints a space after each comma and colon between its parts. */
export function jsonbSize(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value)) + separators(value);
}

function separators(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  const between = Math.max(items.length - 1, 0) + (Array.isArray(value) ? 0 : items.length);
  return items.reduce<number>((sum, item) => sum + separators(item), between);
}
