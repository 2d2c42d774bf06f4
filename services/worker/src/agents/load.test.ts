import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadAgent } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agents-'));
  write('good.mjs', 'export const createAgent = ({ env, log }) => ({ env, log, async run() {} });');
  write('later.mjs', 'export const createAgent = async () => ({ async run() {} });');
  write('nothing.mjs', 'export const createagent = 1;');
  write('constant.mjs', 'export const createAgent = {};');
  write('throws.mjs', "export const createAgent = () => { throw new Error('no key\\nand more'); };");
  write('rejects.mjs', "export const createAgent = async () => { throw 'no model'; };");
  write(
    'config.mjs',
    `class ConfigError extends Error { name = 'ConfigError' }
     export const createAgent = () => { throw new ConfigError('MY_KEY must be set'); };`,
  );
  write('empty.mjs', 'export const createAgent = () => ({ run: 1 });');
  write('null.mjs', 'export const createAgent = () => null;');
  write('broken.mjs', 'export const createAgent = () => {');
  write('needs.mjs', "import 'not-there';");
  write('node_modules/for-import/package.json', '{"type":"module","exports":{"import":"./made/agent.js"}}');
  write('node_modules/for-import/made/agent.js', 'export const createAgent = () => ({ run() {} });');
  write('node_modules/@me/common/package.json', '{"main":"agent.js"}');
  write('node_modules/@me/common/agent.js', 'exports.createAgent = () => ({ run() {} });');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const log = pino({ level: 'silent' });
const load = (name: string, env: NodeJS.ProcessEnv = {}) => loadAgent(name, { env, log, folder });

describe('an agent is', () => {
  test('a built-in one, made from the environment', async () => {
    expect(await load('demo')).toHaveProperty('run');
    await expect(load('demo', { DEMO_TICK_MS: 'x' })).rejects.toThrow('DEMO_TICK_MS must be');
    await expect(load('http')).rejects.toThrow('AGENT_HTTP_URL must be');
  });

  test.each(['./good.mjs', './later.mjs', 'for-import', '@me/common'])('a module: %s', async (name) => {
    expect(await load(name)).toHaveProperty('run');
  });

  test('a module by its whole path or URL', async () => {
    const file = join(folder, 'good.mjs');
    for (const name of [file, pathToFileURL(file).href]) {
      expect(await load(name, { MINE: '1' })).toMatchObject({ env: { MINE: '1' }, log });
    }
  });
});

describe('what fails is one sentence', () => {
  test.each([
    ['nobody', /^AGENT must be one of demo.*, or a module: there is no nobody, seen from .*\/agents-/],
    ['./not-there.mjs', /^AGENT must be .* there is no \.\/not-there\.mjs/],
    ['__proto__', /there is no __proto__/],
    ['./nothing.mjs', /^AGENT: \.\/nothing\.mjs exports no function createAgent$/],
    ['./constant.mjs', /^AGENT: \.\/constant\.mjs exports no function createAgent$/],
    ['./throws.mjs', /^AGENT: createAgent of \.\/throws\.mjs failed: no key$/],
    ['./rejects.mjs', /^AGENT: createAgent of \.\/rejects\.mjs failed: no model$/],
    ['./config.mjs', /^MY_KEY must be set$/],
    ['./empty.mjs', /^AGENT: what createAgent of \.\/empty\.mjs gave has no function run$/],
    ['./null.mjs', /^AGENT: what createAgent of \.\/null\.mjs gave has no function run$/],
    ['./broken.mjs', /^AGENT: \.\/broken\.mjs can't be imported: [^\n]+$/],
    ['./needs.mjs', /^AGENT: \.\/needs\.mjs can't be imported: [^\n]*not-there[^\n]*$/],
  ])('%s', async (name, message) => {
    const error: unknown = await load(name).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(message) });
  });
});
