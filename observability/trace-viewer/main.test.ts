import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

test('a port that is taken is told in a sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const started = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PORT: String(port) },
    timeout: 20_000,
  });
  const { code, stdout } = await started.catch((error) => error);
  expect(code).toBe(1);
  expect(stdout).toContain(`PORT must be a free port; something else listens on ${port}`);
  expect(stdout).not.toContain('stack');
}, 30_000);
