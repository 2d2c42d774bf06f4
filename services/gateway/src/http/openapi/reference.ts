import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { documentOptions } from './document.ts';

/** The page loads nothing from elsewhere, and runs nothing that stands in it. */
const pagePolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': ["'self'", 'data:'],
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** `GET /openapi.json`, and `/docs` for people. To be registered before the routes that it documents. */
export function registerReference(app: FastifyInstance, version: string): void {
  app.register(swagger, documentOptions(version));
  app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    theme: { title: 'Tickwork API' },
    uiConfig: { tryItOutEnabled: false, displayRequestDuration: true },
  });
  app.register(async (document) => {
    document.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(document.swagger())),
    );
  });
}
