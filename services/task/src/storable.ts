import type { Json } from './task.ts';

/** Postgres stores neither NUL nor half a surrogate pair; one of either fails the whole request. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

/** JSON text that a jsonb column takes. Throws on what JSON cannot hold (a cycle, a bigint). */
export function storableJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, item: unknown) => {
    if (typeof item === 'string') return storableText(item);
    if (isPlainObject(item)) {
      return Object.fromEntries(Object.entries(item).map(([key, entry]) => [storableText(key), entry]));
    }
    return item;
  });
}

/** Reads JSON that was stored; null for anything that is not JSON. */
function parseJson(text: string | null): Json {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function isPlainObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}
