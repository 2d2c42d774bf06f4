import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ruleFiles, ruleGroups } from '../../observability/rules.ts';
import { prometheusImage } from '../stack/prometheus.ts';
import { serverCommand } from '../stack/server-command.ts';

const run = promisify(execFile);

/** As the operator makes it from the chart's groups. */
const ruleFile = () => stringify({ groups: ruleGroups() });

/** A folder with the rules and one more file, for a call of promtool. Throws with what promtool says. */
export async function promtool(
  subcommand: readonly string[],
  name: string,
  content: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tickwork-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yaml'), ruleFile());
    writeFileSync(join(folder, name), content);
    const command = serverCommand({
      name: 'promtool',
      folder,
      program: 'promtool',
      image: prometheusImage,
      arguments: [...subcommand, join(folder, name)],
      env: {},
    });
    const env = { ...process.env, ...command.env };
    const { stdout } = await run(command.program, command.arguments, { env, timeout: 60_000 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}` || message);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files as they are in the chart, to be checked one by one. */
export const rulesOfChart = () =>
  ruleFiles.map((file) => [file, `groups:\n${readFileSync(file, 'utf8')}`] as const);

interface Sample {
  readonly labels: string;
  readonly value: number;
}
export interface Expectation {
  readonly expr: string;
  /** In minutes from the begin of the series. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

/** Series have a value each minute, in promtool's notation: `1+2x3` is 1 3 5 7. */
export function testRules(series: Readonly<Record<string, string>>, expectations: readonly Expectation[]) {
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: expectations.map(({ expr, at, samples }) => ({
      expr,
      eval_time: `${at}m`,
      exp_samples: samples,
    })),
  };
  const file = { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] };
  return promtool(['test', 'rules'], 'test.yaml', stringify(file));
}
