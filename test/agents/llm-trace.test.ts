import { createClock } from '@tickwork/runtime/process/clock';
import { withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import { afterAll, expect, test } from 'vitest';
import { assembleLlmAgent } from '../../services/worker/src/agents/llm/assemble.ts';
import { callTools, fetchPage, say, startLlmServer } from './llm-server.ts';
import { startPages } from './pages.ts';
import { runAgent } from './run-agent.ts';

const tracing = await startTracing({ serviceName: 'test', env: {} });
const server = await startLlmServer();
const pages = await startPages({
  '/a': { body: 'Geese' },
  '/search': { type: 'application/json', body: '{"results":[]}' },
});
afterAll(() => Promise.all([server.close(), pages.close(), tracing.shutdown()]));

test('model and search are in the trace of the task, each by a span of its own; a page hears nothing of it', async () => {
  server.script(
    callTools([{ name: 'web_search', arguments: '{"query":"geese"}' }]),
    fetchPage(`${pages.url}/a`),
    say('Many.'),
  );
  const env = {
    LLM_BASE_URL: server.baseUrl,
    LLM_MODEL: 'test',
    WEB_SEARCH_URL: `${pages.url}/search`,
    FETCH_ALLOWED_CIDRS: '127.0.0.0/8',
    FETCH_PORTS: String(pages.port),
  };
  const agent = assembleLlmAgent(env, createClock());
  const traceId = await withSpan('claim', {}, async (span) => {
    await runAgent(agent).result;
    return span.spanContext().traceId;
  });
  const inTrace = expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(pages.traceparents).toEqual([inTrace, undefined]);
  expect(server.traceparents).toEqual([inTrace, inTrace, inTrace]);
  expect(new Set([...server.traceparents, pages.traceparents[0]]).size).toBe(4);
});
