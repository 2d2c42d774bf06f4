import type { Json } from '@tickwork/task/task';

/** Postgres stores neither a NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

/** Undefined where a jsonb column does not take the text: it is no JSON, or holds what is not storable. */
export function parseJsonb(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isStorableJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStorableJson(value: Json): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item));
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
