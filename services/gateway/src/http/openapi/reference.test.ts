import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../app.harness.ts';

let api: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  api = await startApp();
});
afterAll(() => api.close());
const get = (path: string) => api.call(path, { headers: { authorization: '' } });

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { description: string; content?: Record<string, object> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object; readonly securitySchemes: object };
}
const read = async () => (await (await get('/openapi.json')).json()) as Document;

describe('the document', () => {
  test('is OpenAPI 3.1, with every route of ours and no other', async () => {
    const { openapi, paths } = await read();
    expect(openapi).toMatch(/^3\.1\./);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations.sort()).toEqual([
      'delete /tasks/{id}',
      'get /health',
      'get /quota',
      'get /system-info',
      'get /tasks',
      'get /tasks/{id}',
      'get /tasks/{id}/events',
      'get /version',
      'get /worker-count',
      'post /tasks',
      'post /tasks/{id}/cancel',
      'post /tasks/{id}/retry',
    ]);
  });

  test('says of every operation who may call it, what it answers, and each error as a problem', async () => {
    const { paths } = await read();
    for (const [path, methods] of Object.entries(paths)) {
      for (const { responses, security } of Object.values(methods)) {
        const isOfUsers = /^\/(tasks|quota)/.test(path);
        expect(security).toEqual(isOfUsers ? [{ bearer: [] }] : undefined);
        expect('401' in responses).toBe(isOfUsers);
        for (const [status, { description, content }] of Object.entries(responses)) {
          expect(description).not.toMatch(/default/i);
          const isProblem = Number(status) >= 400 && !(path === '/health' && status === '503');
          const type =
            status === '200' && path.endsWith('/events') ? 'text/event-stream' : 'application/json';
          if (!content) expect(['204', '304']).toContain(status);
          else expect(Object.keys(content)).toEqual([isProblem ? 'application/problem+json' : type]);
        }
      }
    }
  });

  test('refers only to what it holds, and shows nothing of our own', async () => {
    const document = await read();
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...new Set(referred)]));
    expect(text).not.toMatch(/"(component|documented|~\w+)":|"rule":"must be a UUID"/);
  });
});

describe('the page', () => {
  test('and all that it loads is served here', async () => {
    const response = await get('/docs');
    const page = await response.text();
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(loaded.length).toBeGreaterThan(3);
    for (const path of [...loaded, '/docs/json'])
      expect([path, (await get(path)).status]).toEqual([path, 200]);
  });

  test('runs nothing that stands in it, and lets nothing be loaded from elsewhere', async () => {
    const response = await get('/docs');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(await response.text()).not.toMatch(/<script>|<style>|onload=/);
  });

  // Not by fetch, which would make a plain path of it before it is sent.
  test.each(['/docs/%2e%2e/health', '/docs/../version', '/docs/none'])(
    'has nothing under %s',
    async (path) => {
      const sent = request({ port: api.port, path }).end();
      const [response]: IncomingMessage[] = await once(sent, 'response');
      expect(response?.statusCode).toBe(404);
      expect(response?.headers['content-type']).toContain('application/problem+json');
      response?.resume();
    },
  );
});
