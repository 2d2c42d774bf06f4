import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecycle } from '../services/task/src/lifecycle.ts';
import { isStatus, statuses } from '../services/task/src/status.ts';

// Draws the lifecycle into task-lifecycle.md. With --check it only says whether that is current.
const edges = statuses.flatMap((from) =>
  Object.entries(lifecycle[from]).flatMap(([event, to]) => (isStatus(to) ? [{ from, event, to }] : [])),
);
const events = Object.keys(lifecycle.pending);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const picture = ['```mermaid', 'stateDiagram-v2', '  [*] --> pending: submit']
  .concat(edges.map(({ from, event, to }) => `  ${from} --> ${to}: ${event}`))
  .concat('```');
const table = [row(['status', ...events]), row(['---', ...events.map(() => '---')])].concat(
  statuses.map((status) => row([status, ...Object.values(lifecycle[status])])),
);

const file = join(import.meta.dirname, 'task-lifecycle.md');
const text = readFileSync(file, 'utf8');
const drawn = text.replace(
  /(<!-- generated -->\n).*(<!-- \/generated -->)/s,
  (_all, start, end) => `${start}\n${[...picture, '', ...table].join('\n')}\n\n${end}`,
);
if (!process.argv.includes('--check')) writeFileSync(file, drawn);
else if (drawn !== text) {
  process.stderr.write('docs/task-lifecycle.md is not current; run node docs/lifecycle.ts\n');
  process.exitCode = 1;
}
