import { createClock } from '@tickwork/runtime/process/clock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Resume } from '../../services/worker/src/agents/agent.ts';
import { checkAgent } from '../../services/worker/src/agents/agent-conformance.ts';
import { assembleLlmAgent } from '../../services/worker/src/agents/llm/assemble.ts';
import { createAgent } from '../../services/worker/src/agents/llm/llm.ts';
import { waitFor } from '../stack/wait-for.ts';
import { type ChatAnswer, fetchPage, say, silent, slow, startLlmServer, status } from './llm-server.ts';
import { startLocalServer } from './local-server.ts';
import { startPages } from './pages.ts';
import { runAgent } from './run-agent.ts';

const pages = await startPages({
  '/1': { body: 'One goose \ud83e\udd86\n'.repeat(100) },
  '/2': { body: `Two\u0000 geese ${'\u0007'.repeat(1000)}` },
  '/3': { type: 'application/json', body: JSON.stringify({ geese: '三'.repeat(1500) }) },
});
const silentPages = await startLocalServer(() => {});
/** Reads a page for each step, by what was said so far, and then answers: what a model would do that is asked the same again. */
const readsPages: ChatAnswer = (response, request) => {
  const read = request.messages.filter(({ role }) => role === 'tool').length;
  const isLast = request.tool_choice === 'none';
  const answer =
    read >= 3 || isLast
      ? say(`Read ${read}.`)
      : fetchPage(`${pages.url}/${read + 1}`, `Page\u0000 ${read + 1}`);
  answer(response, request);
};
const server = await startLlmServer(readsPages);
afterAll(() => Promise.all([server, pages, silentPages].map(({ close }) => close())));
beforeEach(() => {
  server.script();
  pages.seen.length = 0;
});

const env = {
  LLM_BASE_URL: server.baseUrl,
  LLM_MODEL: 'test',
  LLM_MAX_HISTORY_BYTES: '10000',
  FETCH_ALLOWED_CIDRS: '127.0.0.0/8',
  FETCH_PORTS: `${pages.port},${silentPages.port}`,
};
const create = () => assembleLlmAgent(env, createClock());

test('an attempt that goes on after any step asks what an unbroken one would, and repeats nothing', async () => {
  const whole = runAgent(create());
  const result = await whole.result;
  const asked = [...server.requests];
  expect(whole.checkpoints).toHaveLength(4);
  expect(JSON.stringify(asked.at(-1))).toContain('[shortened]');

  for (const [index, resume] of whole.checkpoints.entries()) {
    server.script();
    pages.seen.length = 0;
    const rest = runAgent(create(), { resume });
    expect(await rest.result).toEqual(result);
    expect(server.requests).toEqual(asked.slice(index + 1));
    expect(pages.seen).toEqual(['/1', '/2', '/3'].slice(index + 1));
    expect(rest.checkpoints).toEqual(whole.checkpoints.slice(index + 1));
    expect(rest.notes).toEqual(whole.notes.slice(index + 1));
  }
});

test('ticks that were spent before count: the last one still forces an answer', async () => {
  const resume = await firstCheckpoint();
  server.script();
  const rest = runAgent(create(), { maxTicks: 2, resume });
  expect(await rest.result).toMatchObject({
    deliverables: ['Read 1.'],
    usage: { steps: 2, total_tokens: 220 },
  });
  expect(server.requests.map(({ tool_choice }) => tool_choice)).toEqual(['none']);
});

async function firstCheckpoint(): Promise<Resume | null> {
  const { result, checkpoints } = runAgent(create());
  await result;
  return checkpoints[0] ?? null;
}

test.each([
  ['another version', { v: 2, turns: [] }],
  ['no state', 'geese'],
  ['another agent', { done: 3 }],
])('a checkpoint of %s is not gone on from, but its ticks are spent', async (_name, state) => {
  const { result, log } = runAgent(create(), { maxTicks: 4, resume: { state, tick: 3 } });
  expect(await result).toMatchObject({ deliverables: ['Read 0.'] });
  expect(log.join()).toContain('begins anew');
});

test('a checkpoint at the end of the budget without an answer ends the task', async () => {
  const resume = await firstCheckpoint();
  const { result } = runAgent(create(), { maxTicks: 1, resume });
  await expect(result).rejects.toThrow('the budget of 1 ticks is spent');
});

test.each([
  ['a call that is silent', silent],
  ['a call that streams', slow],
  ['a wait to be asked again', status(429, { 'retry-after': '30' })],
])('a stop within %s is heeded at once', async (_name, answer) => {
  const stop = new AbortController();
  server.script((response, request) => {
    answer(response, request);
    setTimeout(() => stop.abort(new Error('stopped')), 50);
  });
  const begun = performance.now();
  await expect(runAgent(create(), { signal: stop.signal }).result).rejects.toThrow('stopped');
  expect(performance.now() - begun).toBeLessThan(3000);
});

test('a stop within a tool is heeded at once', async () => {
  const stop = new AbortController();
  server.script(fetchPage(silentPages.url));
  const { result } = runAgent(create(), { signal: stop.signal });
  await waitFor('the call', () => server.requests.length === 1);
  stop.abort(new Error('stopped'));
  await expect(result).rejects.toThrow('stopped');
});

test('the agent keeps every rule for agents', async () => {
  const checks = await checkAgent(createAgent, { mandate: 'How many geese?', env });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);
