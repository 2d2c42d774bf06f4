import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { grepsOf, showsMetrics } from '../../observability/runbooks.ts';

export interface LineOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Shell functions that stand for programs which are elsewhere. */
  readonly functions: string;
}

/** Runs a line of a runbook in bash. Returns what it printed; throws where an operator would be left without an answer. */
export async function runLine(line: string, { env, cwd, functions }: LineOptions): Promise<string> {
  const child = spawn('bash', ['-c', `${functions}\n${line}`], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const [out, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const problem = errors.trim() || problemOf(line, code ?? signal, out);
  if (problem) throw new Error(`${line}\n${out}${problem}`);
  return out;
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
