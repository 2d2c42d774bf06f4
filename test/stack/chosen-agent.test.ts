import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readChosenAgent } from './chosen-agent.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickwork-'));
writeFileSync(join(folder, 'my-agent.ts'), '');
afterAll(() => rmSync(folder, { recursive: true }));

test('nothing set: the demo agent, without variables', () => {
  expect(readChosenAgent({ PATH: '/bin', AGENT: '', LLM_MODEL: '' }, ['/here'])).toEqual({
    name: 'demo',
    folder: '/here',
    env: {},
  });
});

test('an agent is given its variables and those that AGENT_ENV names, and no other', () => {
  const given = {
    LLM_BASE_URL: 'https://model.example.com/v1',
    AGENT_HTTP_URL: 'https://agent.example.com',
    TASK_TIMEOUT_MS: '1000',
    MY_KEY: 'key',
    OTHER: 'other',
  };
  const others = { AWS_SECRET_ACCESS_KEY: 'secret', TICKWORK_TOKEN: 'token', SUPABASE_URL: 'url' };
  expect(readChosenAgent({ ...others, ...given, AGENT_ENV: 'MY_KEY, OTHER ABSENT' }, ['/here']).env).toEqual(
    given,
  );
});

test('a path counts from the first folder that has it', () => {
  expect(readChosenAgent({ AGENT: './my-agent.ts' }, ['/none', folder])).toMatchObject({ folder });
  expect(readChosenAgent({ AGENT: join(folder, 'my-agent.ts') }, ['/none'])).toMatchObject({
    folder: '/none',
  });
  expect(readChosenAgent({ AGENT: 'a-package' }, ['/none', folder])).toMatchObject({ folder: '/none' });
});

test.each([
  [{ AGENT: './other.ts' }, 'AGENT must be a file that exists: there is no ./other.ts'],
  [{ AGENT: '/none/my-agent.ts' }, 'AGENT must be a file that exists'],
  [{ AGENT_ENV: 'SUPABASE_URL' }, 'AGENT_ENV must not name SUPABASE_URL'],
])('%o is refused: %s', (env, message) => {
  expect(() => readChosenAgent(env, [folder])).toThrow(message);
});
