import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** What the chart makes a PrometheusRule of. */
export const ruleFiles = ['objectives', 'alerts'].map((name) =>
  join(import.meta.dirname, '../charts/tickwork/files', `${name}.yaml`),
);
export const ruleGroups = (): RuleGroup[] =>
  ruleFiles.flatMap((file) => parse(readFileSync(file, 'utf8')) as RuleGroup[]);
export const allRules = () => ruleGroups().flatMap(({ rules }) => rules);
