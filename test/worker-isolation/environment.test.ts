import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { root } from './installed-packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickwork-'));
const agent = join(folder, 'agent.mjs');
const loaded = join(folder, 'loaded');
writeFileSync(
  agent,
  `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(loaded)}, '');\nexport const createAgent = () => { throw new Error('loaded'); };\n`,
);
afterAll(() => rmSync(folder, { recursive: true }));

/** The worker as it is started anywhere, with servers that are not there: what is wrong with the environment ends it before. */
async function startWorker(env: Readonly<Record<string, string>>) {
  const { PATH = '' } = process.env;
  const servers = { REDIS_URL: 'redis://127.0.0.1:1', RABBITMQ_URL: 'amqp://127.0.0.1:1' };
  const worker = spawn(process.execPath, [join(root, 'services/worker/src/worker.ts')], {
    env: { PATH, ...servers, AGENT: agent, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  });
  const [log, [code]] = await Promise.all([text(worker.stdout), once(worker, 'exit')]);
  return { log, code };
}

test.each(['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'SUPABASE_SERVICE_ROLE_KEY', 'SUPABASE_'])(
  'with %s a worker does not start, and no agent sees it',
  async (name) => {
    const { log, code } = await startWorker({ [name]: 'secret-value' });
    expect(code).toBe(1);
    expect(log).toContain(`${name} must not be set: a worker has no access to Supabase`);
    expect(log).not.toContain('secret-value');
    expect(existsSync(loaded)).toBe(false);
  },
  30_000,
);

test('without one the same agent is loaded', async () => {
  expect(await startWorker({})).toMatchObject({ code: 1 });
  expect(existsSync(loaded)).toBe(true);
}, 30_000);
