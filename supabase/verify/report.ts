/** What was looked at; `problem` is null where it holds. */
export interface Finding {
  readonly kind: string;
  readonly name: string;
  readonly problem: string | null;
  readonly mend: string;
}

/** A line for each kind, and under it what does not hold, with the mend. */
export function report(findings: readonly Finding[]): string {
  const kinds = [...Map.groupBy(findings, ({ kind }) => kind)];
  return kinds.flatMap(([kind, all]) => linesOf(kind, all)).join('\n');
}

function linesOf(kind: string, all: readonly Finding[]): string[] {
  const bad = all.filter(({ problem }) => problem !== null);
  const count = `${all.length - bad.length} of ${all.length}`;
  return [
    `${bad.length === 0 ? 'holds' : 'FAILS'}  ${kind.padEnd(20)} ${count}`,
    ...bad.flatMap(({ name, problem, mend }) => [`         ${name}: ${problem}`, `           mend: ${mend}`]),
  ];
}
