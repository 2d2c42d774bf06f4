/** What is sent is no OTLP: the message names the place and the rule, and not what is there. */
export class OtlpError extends Error {
  override readonly name = 'OtlpError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function failed(path: string, rule: string): never {
  throw new OtlpError(`${path} must be ${rule}`);
}

export function toFields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return failed(path, 'an object');
  return value as Fields;
}

/** Each of a list of objects, with its place. As in all of protobuf, what is absent is empty. */
export function each<Value>(
  of: Fields,
  name: string,
  path: string,
  read: (one: Fields, path: string) => Value,
): Value[] {
  const at = path ? `${path}.${name}` : name;
  const list = of[name] ?? [];
  if (!Array.isArray(list)) return failed(at, 'a list');
  return list.map((one, index) => read(toFields(one, `${at}[${index}]`), `${at}[${index}]`));
}

export function text(of: Fields, name: string, path: string): string {
  const value = of[name] ?? '';
  return typeof value === 'string' ? cutText(value) : failed(`${path}.${name}`, 'a string');
}

/** In characters, of one text. */
export const longestText = 4096;

/** What is cut is copied, as a slice keeps the whole text in memory. */
export function cutText(value: string): string {
  if (value.length <= longestText) return value;
  const kept = Buffer.from(value.slice(0, longestText)).toString();
  return `${kept}… (cut: ${value.length} characters came)`;
}

export function whole(of: Fields, name: string, path: string): number {
  const value = of[name] ?? 0;
  return Number.isInteger(value) ? (value as number) : failed(`${path}.${name}`, 'an integer');
}

/** In lower case, as two writers of one id may differ in it. */
export function hexId(of: Fields, name: string, path: string, digits: number): string {
  const value = of[name];
  if (
    typeof value === 'string' &&
    /^[0-9a-f]+$/i.test(value) &&
    value.length === digits &&
    /[^0]/.test(value)
  )
    return value.toLowerCase();
  return failed(`${path}.${name}`, `${digits} hexadecimal digits, not all of them 0`);
}

const latest = 2n ** 64n;

/** Nanoseconds since 1970: 64 bits, as text or as a number. */
export function time(of: Fields, name: string, path: string): bigint {
  const value = of[name];
  const isNumber = (typeof value === 'string' || typeof value === 'number') && /^\d{1,20}$/.test(`${value}`);
  const nanoseconds = isNumber ? BigInt(value) : latest;
  return nanoseconds < latest ? nanoseconds : failed(`${path}.${name}`, 'nanoseconds since 1970, of 64 bits');
}
