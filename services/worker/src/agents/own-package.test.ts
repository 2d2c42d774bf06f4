import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tickwork-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In a process of its own: vitest resolves modules in its own way. */
function imported(module: string): string {
  const path = join(folder, 'agent.mjs');
  writeFileSync(path, module);
  const script = `
    import { loadAgent } from ${JSON.stringify(join(import.meta.dirname, 'load.ts'))};
    import { AgentError } from ${JSON.stringify(join(import.meta.dirname, 'agent.ts'))};
    const agent = await loadAgent('./agent.mjs', { env: {}, log: null, folder: ${JSON.stringify(folder)} });
    await agent.run().catch((error) => console.log(error instanceof AgentError));`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
}

const failing = `
  import { AgentError } from '@tickwork/worker/agent';
  export const createAgent = () => ({ run: async () => { throw new AgentError('no') } });`;

test('a module far from here imports the interface, and its errors are known', () => {
  expect(imported(failing)).toBe('true');
});

test('also where it has a copy of the package', () => {
  const copy = join(folder, 'node_modules/@tickwork/worker');
  mkdirSync(copy, { recursive: true });
  writeFileSync(
    join(copy, 'package.json'),
    '{"name":"@tickwork/worker","exports":{"./agent":"./agent.mjs"}}',
  );
  writeFileSync(join(copy, 'agent.mjs'), 'export class AgentError extends Error {}');
  expect(imported(failing)).toBe('true');
});
