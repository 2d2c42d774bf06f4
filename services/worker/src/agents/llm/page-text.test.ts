import { expect, test } from 'vitest';
import { decodePage } from './page-text.ts';

const latin = Buffer.from([0x47, 0xe4, 0x6e, 0x73, 0x65]);
const decoded = (contentType: string, body = Buffer.from('x')) => decodePage({ contentType, body });

test.each([
  ['text/html', 'html'],
  ['TEXT/HTML; charset=utf-8', 'html'],
  ['application/xhtml+xml', 'html'],
  ['text/plain', 'text'],
  ['text/csv', 'text'],
  ['application/json', 'text'],
  ['application/problem+json; charset=utf-8', 'text'],
  ['application/atom+xml', 'text'],
  ['', 'text'],
])('%s is %s', (contentType, kind) => expect(decoded(contentType)?.kind).toBe(kind));

test.each(['image/png', 'application/pdf', 'application/octet-stream', 'application/json-seq', 'nonsense'])(
  '%s holds no text',
  (contentType) => expect(decoded(contentType)).toBeNull(),
);

test.each([
  ['text/plain; charset=iso-8859-1', latin, 'Gänse'],
  ['text/plain; charset="ISO-8859-1"', latin, 'Gänse'],
  ['text/plain; charset=none-such', Buffer.from('Gänse'), 'Gänse'],
  ['text/plain', Buffer.from('\ufeffGänse'), 'Gänse'],
  ['text/html', Buffer.concat([Buffer.from('<meta charset=latin1>'), latin]), '<meta charset=latin1>Gänse'],
])('%s is read in its charset', (contentType, body, text) => {
  expect(decoded(contentType, body)?.text).toBe(text);
});
