import { lifecycle } from '@tickwork/task/lifecycle';
import { statuses } from '@tickwork/task/status';
import { faultNames } from './faults.ts';
import type { Outcome } from './schedule.ts';
import { steps } from './steps.ts';

/** What many schedules came upon: how often each fault struck at each step, and each edge of the lifecycle was taken. */
export interface Tally {
  schedules: number;
  steps: number;
  readonly hits: Record<string, number>;
  readonly edges: Record<string, number>;
}

export const newTally = (): Tally => ({ schedules: 0, steps: 0, hits: {}, edges: {} });

export function add(tally: Tally, { steps: count, struck, edges }: Outcome): void {
  tally.schedules++;
  tally.steps += count;
  for (const { fault, step } of struck) increase(tally.hits, `${step} ${fault}`, 1);
  for (const [edge, taken] of edges) increase(tally.edges, edge, taken);
}

export function merge(tally: Tally, other: Tally): void {
  tally.schedules += other.schedules;
  tally.steps += other.steps;
  for (const [name, count] of Object.entries(other.hits)) increase(tally.hits, name, count);
  for (const [name, count] of Object.entries(other.edges)) increase(tally.edges, name, count);
}

function increase(counts: Record<string, number>, name: string, by: number): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Every edge that the lifecycle allows: "status event". */
const edgeNames = statuses.flatMap((status) =>
  Object.entries(lifecycle[status]).flatMap(([event, to]) =>
    to === 'refused' ? [] : [`${status} ${event}`],
  ),
);

/** What was come upon less often than `least`, in words. */
export function tooRare({ hits, edges }: Tally, least: number): string[] {
  const pairs = steps.flatMap((step) => faultNames.map((fault) => `${step} ${fault}`));
  return [
    ...pairs.flatMap((pair) => ((hits[pair] ?? 0) < least ? [`${pair}: ${hits[pair] ?? 0}`] : [])),
    ...edgeNames.flatMap((edge) => ((edges[edge] ?? 0) < least ? [`edge ${edge}: ${edges[edge] ?? 0}`] : [])),
  ];
}

/** Two tables: faults by number across the steps, and the edges. */
export function describeTally({ hits, edges }: Tally): string {
  const legend = faultNames.map((fault, index) => `${String(index + 1).padStart(3)} ${fault}`);
  const header = ' '.repeat(18) + faultNames.map((_, index) => String(index + 1).padStart(5)).join('');
  const rows = steps.map(
    (step) =>
      step.padEnd(18) + faultNames.map((fault) => String(hits[`${step} ${fault}`] ?? 0).padStart(5)).join(''),
  );
  const taken = edgeNames.map((edge) => `  ${edge.padEnd(22)}${String(edges[edge] ?? 0).padStart(9)}`);
  return [
    'How often each fault struck at each step:',
    ...columns(legend, 4),
    header,
    ...rows,
    '',
    'How often each edge of the lifecycle was taken:',
    ...columns(taken, 3),
  ].join('\n');
}

function columns(items: readonly string[], count: number): string[] {
  const width = Math.max(...items.map(({ length }) => length)) + 2;
  const lines: string[] = [];
  for (let start = 0; start < items.length; start += count) {
    lines.push(
      items
        .slice(start, start + count)
        .map((item) => item.padEnd(width))
        .join('')
        .trimEnd(),
    );
  }
  return lines;
}
