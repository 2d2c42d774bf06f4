import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { answer, oldSecret, result, runOver, secret } from './http.harness.ts';
import { signatureHeaders } from './signature.ts';

/** As docs/http-agent.md tells a service to do it. */
function isSigned(headers: IncomingHttpHeaders, body: string, key: string): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const bytes = Buffer.from(key.replace('whsec_', ''), 'base64');
  const wanted = Buffer.from(`v1,${createHmac('sha256', bytes).update(content).digest('base64')}`);
  return String(headers['webhook-signature'])
    .split(' ')
    .some((given) => given.length === wanted.length && timingSafeEqual(Buffer.from(given), wanted));
}

test('a message that was signed by OpenSSL', () => {
  const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX';
  const message = { id: 'msg_1', sentAt: 1_674_087_231_999, body: '{"test":"grüezi"}' };
  expect(signatureHeaders([key], message)).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1674087231',
    'webhook-signature': 'v1,1wiDJ/z268/pzncbb1FowmQggwpw9Ezx6DqJ/l/Er1Q=',
  });
});

test('what a service gets is signed, and nothing of it can be changed', async () => {
  const before = Math.floor(Date.now() / 1000);
  const { outcome, asked } = await runOver((exchange) => answer(exchange, [result]));
  await outcome;
  const { request, body = '' } = asked[0] ?? {};
  const headers = request?.headers ?? {};
  expect(isSigned(headers, body, secret)).toBe(true);
  expect(Number(headers['webhook-timestamp'])).toBeGreaterThanOrEqual(before);
  expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f-]{36}$/);
  expect(isSigned(headers, body.replace('"max_ticks":3', '"max_ticks":9'), secret)).toBe(false);
  expect(isSigned({ ...headers, 'webhook-id': 'msg_2' }, body, secret)).toBe(false);
  expect(isSigned({ ...headers, 'webhook-timestamp': '1' }, body, secret)).toBe(false);
  expect(isSigned(headers, body, oldSecret)).toBe(false);
});

test('while a secret is replaced, a service with either takes the request', async () => {
  const { outcome, asked } = await runOver((exchange) => answer(exchange, [result]), {
    AGENT_HTTP_OLD_SECRET: oldSecret,
  });
  await outcome;
  const { request, body = '' } = asked[0] ?? {};
  const headers = request?.headers ?? {};
  expect(isSigned(headers, body, secret)).toBe(true);
  expect(isSigned(headers, body, oldSecret)).toBe(true);
});
