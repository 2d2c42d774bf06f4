import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTasks } from '../fuzz/tasks.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { type ArbitraryRequest, arbitraryRequests, isDocumented } from './arbitrary-requests.ts';
import { isOf, type Operation, readOperations } from './openapi-document.ts';

// A short one of what make fuzz does, without Python. What waits for news has tests of its own.
const operations = readOperations()
  .filter(({ responses }) => !responses['200']?.content?.['text/event-stream'])
  .map((operation) => ({
    ...operation,
    parameters: operation.parameters.filter(({ name }) => name !== 'wait'),
  }));

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  tickwork = await startTickwork({
    extraEnv: { api: { WRITES_PER_MINUTE: '100000' }, worker: { CONCURRENCY: '100', DEMO_TICK_MS: '0' } },
  });
  user = await signIn(tickwork);
});
afterAll(() => tickwork.close());

const seed = Number(process.env['SEED'] ?? 1);

test.each(operations.map((operation) => [operation.method, operation.path, operation] as const))(
  '%s %s answers whatever comes as the document says',
  async (_method, _path, operation) => {
    const ids = await makeTasks(user);
    const property = fc.asyncProperty(arbitraryRequests(operation, ids), async (request) => {
      await expectDocumented(operation, request, await send(operation, request));
    });
    await fc.assert(property, { seed, numRuns: runsOf(operation) });
  },
);

/** By how much there is to vary. */
function runsOf({ parameters, body }: Operation): number {
  if (body) return 400;
  return parameters.length > 0 ? 100 : 3;
}

async function send({ method, path, parameters }: Operation, request: ArbitraryRequest): Promise<Response> {
  const query = new URLSearchParams();
  const headers: Record<string, string> = request.contentType ? { 'content-type': request.contentType } : {};
  let url = path;
  for (const [index, { name, in: place }] of parameters.entries()) {
    for (const text of request.values[index] ?? []) {
      if (place === 'query') query.append(name, text);
      else if (place === 'header') headers[name] = text;
      else url = url.replace(`{${name}}`, () => encodeURIComponent(text.toWellFormed()));
    }
  }
  return fetch(`${tickwork.url}${url}?${query}`, {
    method,
    headers: { authorization: `Bearer ${user.token}`, ...headers },
    body: request.body,
  });
}

async function expectDocumented(operation: Operation, request: ArbitraryRequest, response: Response) {
  const { status } = response;
  const text = await response.text();
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const answer = operation.responses[status];
  expect(status, text).toBeLessThan(500);
  expect(answer, `${status} is documented`).toBeDefined();
  if (status >= 400) expect(type).toBe('application/problem+json');
  if (answer?.content) {
    const schema = answer.content[type]?.schema;
    expect(schema && isOf(schema, JSON.parse(text)), `${type} ${text} is documented`).toBe(true);
  } else expect(text).toBe('');
  if (!isDocumented(operation, request)) expect(status).toBeGreaterThanOrEqual(400);
  // That a key came before, with another body, no schema can say.
  else if (!text.includes('idempotency_key_reused')) expect([400, 413, 415, 422]).not.toContain(status);
}
