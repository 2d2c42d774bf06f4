import { expect, test } from 'vitest';
import { loadHttpAgentConfig } from './config.ts';
import { oldSecret, secret } from './http.harness.ts';

const good = { AGENT_HTTP_URL: 'https://agents.example.com/run', AGENT_HTTP_SECRET: secret };

test('the defaults', () => {
  expect(loadHttpAgentConfig(good)).toEqual({
    url: new URL(good.AGENT_HTTP_URL),
    secrets: [secret],
    headersTimeoutMs: 30_000,
    silenceMs: 60_000,
  });
});

test('while a secret is replaced there are two, the newest first', () => {
  expect(loadHttpAgentConfig({ ...good, AGENT_HTTP_OLD_SECRET: oldSecret }).secrets).toEqual([
    secret,
    oldSecret,
  ]);
});

test.each([
  [{ AGENT_HTTP_URL: 'ftp://x' }, 'AGENT_HTTP_URL must be a URL that starts with http:// or https://'],
  [{ AGENT_HTTP_URL: 'https://me:pass@x' }, 'AGENT_HTTP_URL must hold no user and no password'],
  [{ AGENT_HTTP_SECRET: '' }, 'AGENT_HTTP_SECRET must be whsec_ and the base64 of 24 to 64 bytes'],
  [{ AGENT_HTTP_SECRET: secret.slice(6) }, 'AGENT_HTTP_SECRET must be whsec_'],
  [{ AGENT_HTTP_SECRET: secret.replace('=', '') }, 'AGENT_HTTP_SECRET must be whsec_'],
  [
    { AGENT_HTTP_OLD_SECRET: `whsec_${Buffer.alloc(23).toString('base64')}` },
    'AGENT_HTTP_OLD_SECRET must be',
  ],
  [
    { AGENT_HTTP_OLD_SECRET: `whsec_${Buffer.alloc(65).toString('base64')}` },
    'AGENT_HTTP_OLD_SECRET must be',
  ],
  [{ AGENT_HTTP_SILENCE_MS: '1s' }, 'AGENT_HTTP_SILENCE_MS must be an integer from 100 to 3600000'],
])('%o is refused', (change, message) => {
  expect(() => loadHttpAgentConfig({ ...good, ...change })).toThrow(message);
});
