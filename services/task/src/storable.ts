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

function isPlainObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}
