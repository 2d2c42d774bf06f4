import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stackFolder } from '../stack/state.ts';

interface RunOptions {
  /** Holds auth.json, the users' tokens. */
  readonly folder: string;
  readonly options: readonly string[];
}

/** Tries the API at `url` by the document that it serves. The report goes to standard output. Returns the exit code. */
export async function runSchemathesis(url: string, { folder, options }: RunOptions): Promise<number | null> {
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const words = ['--config-file', config, 'run', `${url}/openapi.json`, '--no-color', ...options];
  const { PATH = '' } = process.env;
  const child = spawn(join(stackFolder, 'schemathesis/bin/schemathesis'), words, {
    cwd: folder,
    stdio: 'inherit',
    env: {
      PATH,
      HOME: folder,
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      COLUMNS: '120',
    },
  });
  onTestFinished(() => void child.kill());
  const [code] = await once(child, 'exit');
  return code;
}
