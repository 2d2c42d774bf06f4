import { expect, test } from 'vitest';
import { loadLlmConfig } from './config.ts';

const good = { LLM_BASE_URL: 'https://llm.test/v1', LLM_MODEL: 'small' };

test('the defaults', () => {
  expect(loadLlmConfig({ ...good, OTHER: 'x' })).toMatchObject({
    ...good,
    LLM_STEP_TIMEOUT_MS: 120_000,
    LLM_MAX_OUTPUT_TOKENS: 0,
    FETCH_MAX_BYTES: 2_000_000,
    FETCH_TIMEOUT_MS: 15_000,
    fetchPorts: [80, 443],
  });
});

test.each([
  [{ LLM_BASE_URL: undefined }, 'LLM_BASE_URL must be a URL that starts with http:// or https://'],
  [{ LLM_MODEL: '' }, 'LLM_MODEL must be set'],
  [{ LLM_BASE_URL: 'https://me:secret@llm.test' }, 'LLM_BASE_URL must hold no user or password'],
  [{ WEB_SEARCH_URL: 'https://secret@s.test' }, 'WEB_SEARCH_URL must hold no user or password'],
  [{ WEB_SEARCH_URL: 'search' }, 'WEB_SEARCH_URL must be a URL'],
  [{ LLM_MAX_HISTORY_BYTES: '300000' }, 'LLM_MAX_HISTORY_BYTES must be an integer from 10000 to 250000'],
  [{ FETCH_PORTS: '80;443' }, 'FETCH_PORTS must match'],
  [{ FETCH_ALLOWED_CIDRS: '10.0.0.1' }, 'FETCH_ALLOWED_CIDRS must be CIDRs such as 10.1.2.0/24, by comma'],
])('%o is refused', (change, message) => {
  const wrong = () => loadLlmConfig({ ...good, ...change });
  expect(wrong).toThrow(message);
  expect(wrong).not.toThrow('secret');
});

test('of what is not public only the ranges that the operator opened are allowed', () => {
  const { isAllowed } = loadLlmConfig({ ...good, FETCH_ALLOWED_CIDRS: '10.1.2.0/24, fd00::/64' });
  const judged = [
    '1.1.1.1',
    '10.1.2.3',
    '::ffff:10.1.2.3',
    'fd00::7',
    '10.1.3.1',
    'fd01::1',
    '127.0.0.1',
    'x',
  ];
  expect(judged.filter(isAllowed)).toEqual(judged.slice(0, 4));
});
