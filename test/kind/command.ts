import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Runs a program and returns what it printed. Throws with its last words when it fails or takes too long. */
export async function command(
  program: string,
  args: readonly string[],
  { input = '', env = {}, timeoutMs = 300_000 }: CommandOptions = {},
): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, timeout: timeoutMs });
  child.stdin.on('error', () => {}); // it ended without reading
  child.stdin.end(input);
  const [out, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0) return out;
  const words = `${errors}\n${out}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${program} ${args.slice(0, 4).join(' ')} ended with ${code ?? signal}:\n${words}`);
}

/** The programs that are not on the PATH. */
export async function missingPrograms(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    programs.map((program) =>
      command('sh', ['-c', 'command -v "$0"', program]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return programs.filter((_program, index) => !found[index]);
}
