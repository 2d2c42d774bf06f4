import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/** Whether `text` is a secret as Standard Webhooks writes one; strict, as not every language decodes base64 leniently. */
export function isSecret(text: string): boolean {
  const key = keyOf(text);
  return `${prefix}${key.toString('base64')}` === text && key.length >= 24 && key.length <= 64;
}

export interface Message {
  /** Without a dot, as is the timestamp: else one message's signature could be another's. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly body: string;
}

/**
 * The headers that sign a message, with one signature for each secret.
 * Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureHeaders(secrets: readonly string[], { id, sentAt, body }: Message) {
  const timestamp = String(Math.floor(sentAt / 1000));
  const sign = (secret: string) =>
    `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' '),
  };
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(prefix.length), 'base64');
