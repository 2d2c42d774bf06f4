import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { assembleLlmAgent } from '../../services/worker/src/agents/llm/assemble.ts';
import {
  brokenEvent,
  callTools,
  cutShort,
  disconnect,
  empty,
  errorEvent,
  fetchPage,
  page,
  refuseConnection,
  say,
  silent,
  slow,
  startLlmServer,
  status,
} from './llm-server.ts';
import { startPages } from './pages.ts';
import { createImpatientClock, runAgent } from './run-agent.ts';

const server = await startLlmServer();
const pages = await startPages({
  '/a': {
    type: 'text/html; charset=utf-8',
    body: '<title>A</title><p>Twelve <b>geese</b></p><script>x()</script>',
  },
  '/b': { body: 'Seven swans' },
  '/image': { type: 'image/png', body: 'png' },
  '/search': {
    type: 'application/json',
    body: JSON.stringify({ results: [{ title: 'Geese', url: 'http://g.test/', snippet: 'Many' }] }),
  },
});
afterAll(() => Promise.all([server.close(), pages.close()]));
beforeEach(() => {
  pages.seen.length = 0;
});

const timeLimits = [120_000, 15_000, 10_000, 100];
function createAgent(env: NodeJS.ProcessEnv = {}) {
  const clock = createImpatientClock((ms) => timeLimits.includes(ms));
  const agent = assembleLlmAgent(
    {
      LLM_BASE_URL: server.baseUrl,
      LLM_MODEL: 'test',
      LLM_API_KEY: 'sk-secret',
      FETCH_ALLOWED_CIDRS: '127.0.0.0/8',
      FETCH_PORTS: `80,443,${pages.port}`,
      ...env,
    },
    clock,
  );
  return { agent, slept: clock.slept };
}

const lastToolMessages = () =>
  server.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
const perStep = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };

describe('a task', () => {
  test('goes step by step, one tick each, and ends with the model’s answer, sums of tokens and a checkpoint each', async () => {
    server.script(
      fetchPage(`${pages.url}/a`, 'I look at the page.'),
      fetchPage(`${pages.url}/b`),
      say('Twelve.'),
    );
    const { result, notes, checkpoints } = runAgent(createAgent().agent);
    expect(await result).toEqual({
      success: true,
      deliverables: ['Twelve.'],
      notes: 'The model took 3 steps.',
      usage: { input_tokens: 300, output_tokens: 30, total_tokens: 330, steps: 3 },
    });
    expect(notes).toEqual([
      `I look at the page.\nRead ${pages.url}/a`,
      `Read ${pages.url}/b`,
      'Wrote the answer',
    ]);
    expect(checkpoints.map(({ tick }) => tick)).toEqual([1, 2, 3]);
    expect(lastToolMessages()).toEqual([
      `${pages.url}/a\n\nA\n\nTwelve geese`,
      `${pages.url}/b\n\nSeven swans`,
    ]);
  });

  test('begins with the rules and the mandate, and offers the tools that there are', async () => {
    server.script(say('Yes.'));
    await runAgent(createAgent({ LLM_SYSTEM_PROMPT: 'You are a goose.' }).agent, { mandate: 'Honk?' }).result;
    const [request] = server.requests;
    expect(request?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(request?.messages[0]?.content).toMatch(/^You are a goose\.\n.*10 at most.*It is data/s);
    expect(request?.messages[1]?.content).toBe('Honk?');
    expect(request?.tools?.map((tool) => tool.function.name)).toEqual(['fetch_page']);
    expect(request).toMatchObject({ model: 'test', stream: true });
    expect(request).not.toHaveProperty('max_tokens');
    expect(server.authorizations.at(-1)).toBe('Bearer sk-secret');
  });

  test('can search where there is a search endpoint', async () => {
    const search = { name: 'web_search', arguments: '{"query":"geese & ganders"}' };
    server.script(callTools([search]), say('Many.'));
    const env = { WEB_SEARCH_URL: `${pages.url}/search?lang=en`, WEB_SEARCH_API_KEY: 'key' };
    const { result, notes } = runAgent(createAgent({ ...env, LLM_MAX_OUTPUT_TOKENS: '50' }).agent);
    await result;
    expect(pages.seen).toEqual(['/search?lang=en&q=geese+%26+ganders&count=5']);
    expect(pages.authorizations.at(-1)).toBe('Bearer key');
    expect(notes[0]).toBe('Searched the web for “geese & ganders”');
    expect(lastToolMessages()).toEqual(['1. Geese\nhttp://g.test/\nMany']);
    expect(server.requests[0]).toMatchObject({ max_tokens: 50 });
  });
});

describe('the last tick', () => {
  test('forces an answer: no tool may be called, and the model is told so', async () => {
    server.script(fetchPage(`${pages.url}/a`), say('As far as I got.'));
    const { result, notes } = runAgent(createAgent().agent, { maxTicks: 2 });
    expect(await result).toMatchObject({
      deliverables: ['As far as I got.'],
      notes: 'The model took 2 steps. That was the whole budget, so the answer may be less than complete.',
    });
    expect(notes).toHaveLength(2);
    expect(server.requests.map(({ tool_choice }) => tool_choice)).toEqual(['auto', 'none']);
    expect(server.requests[0]?.messages[0]?.content).not.toContain('last step');
    expect(server.requests[1]?.messages[0]?.content).toContain('This is your last step');
  });

  test('of a model that calls a tool all the same: it is asked again, without any', async () => {
    server.script(fetchPage(`${pages.url}/a`), say('Well then.'));
    const { result } = runAgent(createAgent().agent, { maxTicks: 1 });
    expect(await result).toMatchObject({ deliverables: ['Well then.'] });
    expect(server.requests[1]).not.toHaveProperty('tools');
    expect(pages.seen).toEqual([]);
  });

  test('of a model that can’t be stopped takes what it said beside', async () => {
    const call = fetchPage(`${pages.url}/a`, 'Let me see');
    server.script(call, call);
    const { result } = runAgent(createAgent().agent, { maxTicks: 1 });
    expect(await result).toMatchObject({ deliverables: ['Let me see'] });
    expect(pages.seen).toEqual([]);
  });
});

describe('a call that is not valid', () => {
  test.each([
    ['broken JSON', { name: 'fetch_page', arguments: '{"url":' }, 'The arguments were not valid'],
    ['another shape', { name: 'fetch_page', arguments: '{"url":1}' }, 'The arguments were not valid'],
    [
      'an unknown tool',
      { name: 'shell', arguments: '{"a":"b"}' },
      'There is no such tool. There are: fetch_page.',
    ],
    ['a tool of every object', { name: 'constructor', arguments: '{}' }, 'There is no such tool'],
  ])('%s is answered to the model, which goes on', async (_name, call, problem) => {
    server.script(callTools([call]), say('Sorry.'));
    const { result, notes } = runAgent(createAgent().agent);
    expect(await result).toMatchObject({ deliverables: ['Sorry.'] });
    expect(lastToolMessages()).toEqual([expect.stringContaining(problem)]);
    expect(notes[0]).toBe(`Could not use ${call.name}: the call was not valid`);
  });

  test('beside a good one spoils only itself; a sixth is too much', async () => {
    const good = { name: 'fetch_page', arguments: JSON.stringify({ url: `${pages.url}/b` }) };
    server.script(callTools([{ name: 'x', arguments: '' }, good, good, good, good, good]), say('Done.'));
    await runAgent(createAgent().agent).result;
    const seven = `${pages.url}/b\n\nSeven swans`;
    const told = lastToolMessages();
    expect(told?.slice(1)).toEqual([seven, seven, seven, seven, 'Not done: at most 5 calls in one step.']);
  });

  test('a page that can’t be read is told to the model and the user', async () => {
    const calls = ['http://10.0.0.1/', `${pages.url}/none`, `${pages.url}/image`].map((url) => ({
      name: 'fetch_page',
      arguments: JSON.stringify({ url }),
    }));
    server.script(callTools(calls), say('Nothing.'));
    const { result, notes } = runAgent(createAgent().agent);
    await result;
    expect(lastToolMessages()).toEqual([
      'The page was not read: its address is not one of the public internet.',
      'The page was not read: it answered with status 404.',
      'The page was not read: its type, image/png, holds no text.',
    ]);
    expect(notes[0]?.split('\n')[0]).toBe(
      'Could not read http://10.0.0.1/: its address is not one of the public internet',
    );
  });
});

describe('an endpoint that fails in passing', () => {
  test.each([
    ['429', status(429)],
    ['500', status(500, {}, '<html>')],
    ['503', status(503)],
    ['a page in place of a stream', page],
    ['broken JSON in the stream', brokenEvent],
    ['an error in the stream', errorEvent(502)],
    ['a stream that ends early', cutShort],
    ['a disconnect', disconnect],
    ['no connection', refuseConnection],
    ['an empty answer', empty],
  ])('%s: it is asked again after a wait, and the step goes on', async (_name, failure) => {
    server.script(failure, failure, failure, say('At last.'));
    const { agent, slept } = createAgent();
    const { result, notes } = runAgent(agent);
    expect(await result).toMatchObject({ deliverables: ['At last.'], usage: { ...perStep, steps: 1 } });
    expect(slept).toEqual([500, 1000, 2000]);
    expect(notes).toEqual(['Wrote the answer']);
  });

  test.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '1234', 'retry-after': '7' }, 1234],
    [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Mon, 31 Dec 2029 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, 500],
  ])('%o is honoured', async (headers, waitMs) => {
    server.script(status(429, headers), say('At last.'));
    const { agent, slept } = createAgent();
    await runAgent(agent).result;
    expect(slept).toEqual([waitMs]);
  });

  test('after four tries the task is given back to be tried again', async () => {
    server.script(status(500), status(500), status(500), status(503, { 'retry-after': '9' }));
    await expect(runAgent(createAgent().agent).result).rejects.toMatchObject({
      name: 'RetryableAgentError',
      message: 'the model’s endpoint failed (status 503)',
      retryAfterMs: 9000,
    });
  });

  test('a wait of more than a minute is not sat out', async () => {
    server.script(status(429, { 'retry-after': '61' }));
    const { agent, slept } = createAgent();
    await expect(runAgent(agent).result).rejects.toMatchObject({
      name: 'RetryableAgentError',
      retryAfterMs: 61_000,
    });
    expect(slept).toEqual([]);
  });

  test.each([
    ['silent', silent],
    ['slow', slow],
  ])('%s: the time limit of a step ends the call', async (_name, failure) => {
    server.script(failure, failure, failure, failure);
    const { agent } = createAgent({ LLM_STEP_TIMEOUT_MS: '100' });
    await expect(runAgent(agent).result).rejects.toMatchObject({
      name: 'RetryableAgentError',
      message: 'the model took too long to answer',
    });
  });
});

describe('an endpoint that refuses', () => {
  test.each([
    [400, 'the model’s endpoint refused the request (status 400)'],
    [401, 'the model’s endpoint refused the key of this deployment (status 401)'],
    [403, 'the model’s endpoint refused the key of this deployment (status 403)'],
    [404, 'the model’s endpoint does not know the model or the path (status 404)'],
    [422, 'the model’s endpoint refused the request (status 422)'],
  ])('%i ends the task with a sentence that shows nothing of the answer', async (code, message) => {
    server.script(status(code));
    const { result, log } = runAgent(createAgent().agent);
    await expect(result).rejects.toMatchObject({ name: 'AgentError', message });
    expect(server.requests).toHaveLength(1);
    expect(log.join()).toContain('a call of the model failed');
    expect(log.join()).not.toMatch(/secret|What is on the page/);
  });

  test('as the task is too long for the model is told so', async () => {
    const body = '{"error":{"message":"secret detail","code":"context_length_exceeded"}}';
    server.script(status(400, {}, body));
    const { result } = runAgent(createAgent().agent);
    await expect(result).rejects.toThrow('the task has grown longer than the model can read (status 400)');
  });

  test('to answer, by its filter, is no success', async () => {
    server.script(say('I can’t.', { finish: 'content_filter' }));
    expect(await runAgent(createAgent().agent).result).toMatchObject({
      success: false,
      notes: 'The model took 1 step. The model declined to answer.',
    });
  });

  test('to go on, at the limit of its length, is told in the notes', async () => {
    server.script(say('And so', { finish: 'length' }));
    expect(await runAgent(createAgent().agent).result).toMatchObject({
      success: true,
      notes: 'The model took 1 step. The answer was cut off, as it reached the limit of its length.',
    });
  });
});
