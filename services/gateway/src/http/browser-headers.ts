import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { isAllowed, type Origins } from './origins.ts';

const exposed = [
  'Location',
  'Link',
  'ETag',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

/** For an API whose answers are data: a browser shall run, frame, guess at and keep none of it. */
const security = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
};

/** On every answer, errors too: what keeps a browser from misusing it, and lets a page of an allowed origin read it. */
export function setBrowserHeaders(app: FastifyInstance, origins: Origins): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(security);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  if (origins.length === 0) return;
  app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'If-None-Match'],
    exposedHeaders: exposed,
    maxAge: 600,
    strictPreflight: false,
  });
}

/** The same for an answer that no hook runs for. */
export function browserHeaders(origins: Origins, origin: string | undefined): Record<string, string> {
  const allowed = origin !== undefined && isAllowed(origins, origin);
  return {
    ...security,
    'cache-control': 'no-store',
    ...(allowed ? { 'access-control-allow-origin': origin, vary: 'Origin' } : {}),
  };
}
