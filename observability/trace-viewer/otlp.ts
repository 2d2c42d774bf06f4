/** Spans as OTLP/HTTP has them in JSON: opentelemetry-proto, trace/v1 and common/v1. */
import {
  cutText,
  each,
  type Fields,
  failed,
  hexId,
  longestText,
  text,
  time,
  toFields,
  whole,
} from './otlp-fields.ts';

export { OtlpError } from './otlp-fields.ts';

export interface Link {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span extends Link {
  readonly service: string;
  /** Of its process. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly kind: string;
  readonly parentSpanId: string | null;
  /** Since 1970, by the clock of its host. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly Link[];
  /** How many more attributes and links came than a span has a place for. */
  readonly dropped: number;
  readonly failed: boolean;
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const errorCode = 2;
/** Attributes, and links. SDKs send 128; a batch of the reconciler has 200 links. */
const mostOfEach = 256;

/** The spans of one export. Throws OtlpError with the place and the rule. */
export function readSpans(body: unknown): Span[] {
  const request = toFields(body, 'the body');
  if (!Array.isArray(request['resourceSpans'])) failed('resourceSpans', 'a list');
  return each(request, 'resourceSpans', '', (resourceSpans, path) => {
    const at = `${path}.resource`;
    const resource = readAttributes(toFields(resourceSpans['resource'] ?? {}, at), at);
    return each(resourceSpans, 'scopeSpans', path, (scopeSpans, scope) =>
      each(scopeSpans, 'spans', scope, (span, place) => readSpan(resource, span, place)),
    ).flat();
  }).flat();
}

function readSpan(resource: Attributes, span: Fields, path: string): Span {
  const start = time(span, 'startTimeUnixNano', path);
  const end = time(span, 'endTimeUnixNano', path);
  const status = toFields(span['status'] ?? {}, `${path}.status`);
  const service = resource.attributes['service.name'];
  const { attributes, dropped } = readAttributes(span, path);
  const links = each(span, 'links', path, readLink);
  return {
    service: typeof service === 'string' ? service : 'unknown',
    resource: resource.attributes,
    name: text(span, 'name', path),
    kind: kinds[whole(span, 'kind', path)] ?? 'unknown',
    ...readLink(span, path),
    parentSpanId: span['parentSpanId'] ? hexId(span, 'parentSpanId', path, 16) : null,
    startMs: toMilliseconds(start),
    // A clock that was set back in between counts as no time.
    durationMs: end > start ? toMilliseconds(end - start) : 0,
    attributes,
    links: links.slice(0, mostOfEach),
    dropped: resource.dropped + dropped + Math.max(0, links.length - mostOfEach),
    failed: whole(status, 'code', `${path}.status`) === errorCode,
  };
}

const readLink = (link: Fields, path: string): Link => ({
  traceId: hexId(link, 'traceId', path, 32),
  spanId: hexId(link, 'spanId', path, 16),
});

/** To the microsecond: a double holds no more of a time since 1970. */
const toMilliseconds = (nanoseconds: bigint) => Number(nanoseconds / 1000n) / 1000;

interface Attributes {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly dropped: number;
}

function readAttributes(of: Fields, path: string): Attributes {
  const entries = each(of, 'attributes', path, (attribute, at): [string, unknown] => [
    text(attribute, 'key', at),
    cut(readValue(attribute['value'] ?? {}, `${at}.value`, 1)),
  ]);
  const attributes = Object.fromEntries(entries.slice(0, mostOfEach));
  return { attributes, dropped: Math.max(0, entries.length - mostOfEach) };
}

/** A list or a map that is too long becomes the begin of its JSON. */
function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value);
  const json = JSON.stringify(value);
  return json.length <= longestText ? value : cutText(json);
}

const deepest = 10;

/** A list or a map becomes what it holds. A number of 64 bits that is too large for a double stays text. */
function readValue(value: unknown, path: string, depth: number): unknown {
  if (depth > deepest) return failed(path, `at most ${deepest} levels deep`);
  const of = toFields(value, path);
  const inner = (one: Fields, at: string) => readValue(one, at, depth + 1);
  if (of['arrayValue']) {
    return each(toFields(of['arrayValue'], `${path}.arrayValue`), 'values', `${path}.arrayValue`, inner);
  }
  if (of['kvlistValue']) {
    const at = `${path}.kvlistValue`;
    const entries = each(toFields(of['kvlistValue'], at), 'values', at, (pair, here) => [
      text(pair, 'key', here),
      readValue(pair['value'] ?? {}, `${here}.value`, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }
  const { intValue } = of;
  if (typeof intValue === 'string' && Number.isSafeInteger(Number(intValue))) return Number(intValue);
  const [scalar = null] = Object.values(of);
  if (scalar === null || ['string', 'number', 'boolean'].includes(typeof scalar)) return scalar;
  return failed(path, 'a text, a number, true, false, a list or a map');
}
