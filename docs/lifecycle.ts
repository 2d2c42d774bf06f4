import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecycle, senders } from '../services/task/src/lifecycle.ts';
import { isStatus, statuses } from '../services/task/src/status.ts';

// Draws the lifecycle into task-lifecycle.md. With --check it only says whether that is current.
const edges = statuses.flatMap((from) =>
  Object.entries(lifecycle[from]).flatMap(([event, to]) => (isStatus(to) ? [{ from, event, to }] : [])),
);
const events = typedKeys(senders);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const picture = ['```mermaid', 'stateDiagram-v2', '  [*] --> pending: submit']
  .concat(edges.map(({ from, event, to }) => `  ${from} --> ${to}: ${event}`))
  .concat('```');
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map(row);
const outcomes = table(
  ['status', ...events],
  statuses.map((status) => [status, ...events.map((event) => lifecycle[status][event])]),
);
const who = table(
  ['event', 'sent by', 'in', 'leads to'],
  events.map((event) => {
    const taken = edges.filter((edge) => edge.event === event);
    const distinct = (names: readonly string[]) => [...new Set(names)].join(', ');
    return [
      event,
      senders[event].join(', '),
      distinct(taken.map(({ from }) => from)),
      distinct(taken.map(({ to }) => to)),
    ];
  }),
);

function typedKeys<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[];
}

const file = join(import.meta.dirname, 'task-lifecycle.md');
const text = readFileSync(file, 'utf8');
const drawn = text.replace(
  /(<!-- generated -->\n).*(<!-- \/generated -->)/s,
  (_all, start, end) => `${start}\n${[...picture, '', ...outcomes, '', ...who].join('\n')}\n\n${end}`,
);
if (!process.argv.includes('--check')) writeFileSync(file, drawn);
else if (drawn !== text) {
  process.stderr.write('docs/task-lifecycle.md is not current; run node docs/lifecycle.ts\n');
  process.exitCode = 1;
}
