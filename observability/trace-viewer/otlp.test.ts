import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { OtlpError, readSpans } from './otlp.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const span = {
  traceId,
  spanId,
  name: 'POST /tasks',
  kind: 2,
  startTimeUnixNano: '1767225600000001000',
  endTimeUnixNano: '1767225600250001000',
};
const request = (one: object, resource: object = {}) => ({
  resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, ...one }] }] }],
});
const read = (one: object, resource?: object) => readSpans(request(one, resource))[0];
const attribute = (value: object) => ({ attributes: [{ key: 'a', value }] });

test('a span has its service, times, parent, links and state', () => {
  const parentSpanId = 'C7AD6B7169203331';
  const service = { attributes: [{ key: 'service.name', value: { stringValue: 'gateway' } }] };
  const links = [{ traceId, spanId, attributes: [] }];
  expect(read({ parentSpanId, links, status: { code: 2 } }, service)).toEqual({
    ...{
      service: 'gateway',
      resource: { 'service.name': 'gateway' },
      name: 'POST /tasks',
      kind: 'server',
      traceId,
      spanId,
    },
    ...{
      parentSpanId: 'c7ad6b7169203331',
      links: [{ traceId, spanId }],
      attributes: {},
      dropped: 0,
      failed: true,
    },
    ...{ startMs: 1_767_225_600_000.001, durationMs: 250 },
  });
});

test('what protobuf leaves out is empty', () => {
  expect(read({ kind: undefined, name: undefined, parentSpanId: '' })).toMatchObject({
    ...{ service: 'unknown', resource: {}, kind: 'unspecified', name: '', parentSpanId: null },
    ...{ links: [], attributes: {}, failed: false },
  });
  expect(readSpans({ resourceSpans: [{}, { scopeSpans: [{}] }] })).toEqual([]);
});

test.each([
  [{ stringValue: 'x' }, 'x'],
  [{ boolValue: false }, false],
  [{ intValue: '7' }, 7],
  [{ intValue: 7 }, 7],
  [{ intValue: '9007199254740993' }, '9007199254740993'],
  [{ doubleValue: 0.5 }, 0.5],
  [{}, null],
  [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: 'y' }] } }, [1, 'y']],
  [{ kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }, { k: true }],
])('the attribute %o is %o', (value, expected) => {
  expect(read(attribute(value))?.attributes).toEqual({ a: expected });
});

test('a service whose name is no text is unknown', () => {
  const name = { kvlistValue: { values: [{ key: 'toString', value: { intValue: 1 } }] } };
  expect(read({}, { attributes: [{ key: 'service.name', value: name }] })?.service).toBe('unknown');
});

test('an end before the start is no time; a key that objects have is a key', () => {
  const attributes = [{ key: '__proto__', value: { stringValue: 'x' } }];
  const early = read({ endTimeUnixNano: 1, attributes });
  expect(early?.durationMs).toBe(0);
  expect(Object.entries(early?.attributes ?? {})).toEqual([['__proto__', 'x']]);
  expect(Object.getPrototypeOf(early?.attributes)).toBe(Object.prototype);
});

const values = (count: number) => Array.from({ length: count }, (_, index) => ({ stringValue: `v${index}` }));

test('a text, a list and a map are cut, and say so; a span has at most 256 attributes and links', () => {
  const long = 'é'.repeat(5000);
  const cut = read({ name: long, ...attribute({ stringValue: long }) });
  const shown = `${'é'.repeat(4096)}… (cut: 5000 characters came)`;
  expect([cut?.name, cut?.attributes]).toEqual([shown, { a: shown }]);
  const list = read(attribute({ arrayValue: { values: values(1000) } }))?.attributes['a'];
  expect(list).toMatch(/^\["v0","v1",.{4085}… \(cut: 6891 characters came\)$/);
  const attributes = values(258).map((value, index) => ({ key: `k${index}`, value }));
  const links = Array.from({ length: 259 }, () => ({ traceId, spanId }));
  const many = read({ attributes, links }, { attributes });
  expect(many).toMatchObject({ links: { length: 256 }, dropped: 2 + 2 + 3 });
  for (const kept of [many?.attributes, many?.resource]) expect(Object.keys(kept ?? {})).toHaveLength(256);
});

test('what is cut keeps nothing of the rest in memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: 20 }, () => {
    const body = JSON.stringify(request(attribute({ stringValue: randomBytes(2 << 20).toString('hex') })));
    return readSpans(JSON.parse(body));
  });
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 << 20);
  expect(kept).toHaveLength(20);
});

const deep = (levels: number): object =>
  levels === 0 ? { intValue: 1 } : { arrayValue: { values: [deep(levels - 1)] } };
const at = 'resourceSpans[0].scopeSpans[0].spans[0]';

test.each<[unknown, string]>([
  [null, 'the body must be an object'],
  [[], 'the body must be an object'],
  [{ resourceMetrics: [] }, 'resourceSpans must be a list'],
  [{ resourceSpans: [1] }, 'resourceSpans[0] must be an object'],
  [{ resourceSpans: [{ scopeSpans: {} }] }, 'resourceSpans[0].scopeSpans must be a list'],
  [request({ traceId: 'x' }), `${at}.traceId must be 32 hexadecimal digits, not all of them 0`],
  [request({ traceId: '0'.repeat(32) }), `${at}.traceId must be 32`],
  [request({ spanId: undefined }), `${at}.spanId must be 16 hexadecimal digits`],
  [request({ parentSpanId: 7 }), `${at}.parentSpanId must be 16`],
  [request({ name: {} }), `${at}.name must be a string`],
  [request({ kind: 'SERVER' }), `${at}.kind must be an integer`],
  [request({ startTimeUnixNano: '-1' }), `${at}.startTimeUnixNano must be nanoseconds since 1970`],
  [request({ endTimeUnixNano: '18446744073709551616' }), `${at}.endTimeUnixNano must be nanoseconds`],
  [request({ endTimeUnixNano: 1.5 }), `${at}.endTimeUnixNano must be nanoseconds`],
  [request({ links: [{ traceId }] }), `${at}.links[0].spanId must be`],
  [request({ attributes: [{ key: 1 }] }), `${at}.attributes[0].key must be a string`],
  [request({ status: 'ok' }), `${at}.status must be an object`],
  [request({ endTimeUnixNano: { toString: 1 } }), `${at}.endTimeUnixNano must be nanoseconds`],
  [request(attribute({ stringValue: [] })), `${at}.attributes[0].value must be a text, a number`],
  [request(attribute({ stringValue: { toJSON: 1 } })), `${at}.attributes[0].value must be a text, a number`],
  [request(attribute(deep(10))), 'must be at most 10 levels deep'],
])('%j is refused by place and rule', (body, message) => {
  expect(() => readSpans(body)).toThrow(OtlpError);
  expect(() => readSpans(body)).toThrow(message);
});
