import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { grepsOf, showsMetrics } from '../../observability/runbooks.ts';

export interface LineOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Shell functions that stand for programs which are elsewhere. */
  readonly functions: string;
  readonly timeoutMs?: number;
}

/** A shell function: `make` of this checkout, which installs nothing under the tests, and knows nothing of a make that runs them. */
export const makeHere = `make() {
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -o tools -C '${resolve(import.meta.dirname, '../..')}' "$@"
}`;

/** Runs a line of a runbook in bash. Returns what it printed; throws where an operator would be left without an answer. */
export async function runLine(line: string, options: LineOptions): Promise<string> {
  const { env, cwd, functions, timeoutMs = 60_000 } = options;
  const child = spawn('bash', ['-c', `${functions}\n${line}`], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what bash started keeps the pipes open, however bash ends.
    detached: true,
  });
  let hangs = false;
  const limit = setTimeout(() => {
    hangs = true;
    killGroup(child);
  }, timeoutMs);
  const [out, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]).finally(() => clearTimeout(limit));
  const hanging = hangs ? `it did not end within ${timeoutMs} ms` : '';
  const problem = hanging || errors.trim() || problemOf(line, code ?? signal, out);
  if (problem) throw new Error(`${line}\n${out}${problem}`);
  return out;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/**
 * A grep may find nothing: in a log, as a test of the runbooks sees that there is something that it could find, and in the last of several
 * pods.
 */
function problemOf(line: string, code: number | string, out: string): string | null {
  const greps = grepsOf(line).length > 0;
  if (code !== 0 && !(code === 1 && greps)) return `it ended with ${code}`;
  if (showsMetrics(line))
    return /^(tickwork|process)_\w+(\{.*\})? \S+$/m.test(out) ? null : 'it shows no metric';
  const isQuiet = greps || / > \S+$/.test(line);
  return out.trim() === '' && !isQuiet ? 'it prints nothing' : null;
}
