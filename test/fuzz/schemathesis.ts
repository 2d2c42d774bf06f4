import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stackFolder } from '../stack/state.ts';

export interface Run {
  readonly url: string;
  /** Holds auth.json, the users' tokens. */
  readonly folder: string;
  /** How long it repeats its rounds. */
  readonly seconds: string;
  /** Cases of one operation in a round. */
  readonly examples: string;
  readonly seed: string;
  readonly signal: AbortSignal;
}

/** Tries the API at `url` by the document that it serves; the report goes to standard output. Returns the exit code. */
export async function runSchemathesis({ url, folder, seconds, examples, seed, signal }: Run) {
  const words = [
    '--config-file',
    join(import.meta.dirname, 'schemathesis.toml'),
    'run',
    `${url}/openapi.json`,
  ];
  const bounds = ['--max-time', seconds, '--max-examples', examples, '--seed', seed];
  const { PATH = '' } = process.env;
  const child = spawn(
    join(stackFolder, 'schemathesis/bin/schemathesis'),
    [...words, ...bounds, '--no-color'],
    {
      cwd: folder,
      stdio: 'inherit',
      env: {
        PATH,
        HOME: folder,
        PYTHONPATH: import.meta.dirname,
        PYTHONDONTWRITEBYTECODE: '1',
        COLUMNS: '120',
      },
      signal,
    },
  );
  const [code] = await once(child, 'exit');
  return code;
}
