import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import manifest from '../../../package.json' with { type: 'json' };
import type { AppDependencies } from '../dependencies.ts';
import { registerRoutes } from '../routes/routes.ts';
import { compileValidator } from '../validation.ts';
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

/** Serves the document that the routes' own schemas make, and the page that shows it. Its routes are documented, and never called. */
export async function buildReferenceApp(dependencies: AppDependencies) {
  const app = fastify().withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(compileValidator);
  app.register(swagger, documentOptions(manifest.version));
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
  registerRoutes(app, dependencies);
  await app.ready();
  return app;
}
