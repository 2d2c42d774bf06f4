import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCopy, type PatchedCopy } from './copy.ts';
import type { Mutant } from './mutants.ts';

const run = promisify(execFile);
const limitMs = 300_000;
/** How vitest tells of an expectation that was not met; anything else is a crash. */
const isAssertion = /^(AssertionError|Error): expected /;

interface Result {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Who caught the mutant in a patched copy of the product; throws when nobody did, or by a crash alone. */
export async function checkReal(mutant: Mutant, mostSchedules: number): Promise<string> {
  const { cuts, seenBy } = mutant.real;
  const copy = makeCopy(mutant.name, cuts);
  try {
    if (seenBy === 'simulation') return await simulate(copy, mutant, mostSchedules);
    return await runSuite(copy, seenBy);
  } finally {
    copy.remove();
  }
}

async function simulate({ folder }: PatchedCopy, { name }: Mutant, most: number): Promise<string> {
  const command = ['test/mutants/schedules.ts', name, String(most)];
  const { stdout } = await run(process.execPath, command, { cwd: folder, timeout: limitMs }).catch(
    (error: { stderr?: string }) => Promise.reject(new Error(error.stderr ?? 'it did not end in time')),
  );
  return `${stdout}, over the copy`;
}

async function runSuite(
  { folder }: PatchedCopy,
  { suite, title }: { readonly suite: string; readonly title: string },
): Promise<string> {
  const results = join(folder, 'results.json');
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const file = `test/integration/${suite}-conformance.test.ts`;
  const options = ['--config', 'test/mutants/vitest.config.ts', '--reporter=json', `--outputFile=${results}`];
  await run(process.execPath, [vitest, 'run', ...options, file], {
    cwd: folder,
    timeout: limitMs,
  }).catch(
    () => {}, // it shall fail; its results tell how
  );
  const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as Result;
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  const caught = failed.find(
    (test) => test.title.startsWith(title) && test.failureMessages.some((text) => isAssertion.test(text)),
  );
  if (caught) return `"${caught.title}", on the real server`;
  const others = failed.map((test) => `"${test.title}" (${test.failureMessages[0]?.split('\n')[0]})`);
  throw new Error(
    `the suite's "${title}" did not fail by an assertion; these failed: ${others.join(', ') || 'none'}`,
  );
}
