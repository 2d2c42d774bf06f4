import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Label, type Metric, type ProcessName, readMetrics } from './processes.ts';

// Lists every metric of every process in metrics.md. With --check it only says whether that is current.
const titles: Readonly<Record<ProcessName, string>> = {
  api: 'The API',
  reconciler: 'The reconciler',
  worker: 'The worker',
};

const units: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/timestamp_seconds$|_start_time_seconds$/, 'seconds since 1970'],
  [/_seconds(_total)?$/, 'seconds'],
  [/_bytes$/, 'bytes'],
];
/** By the name, as Prometheus has it. What is counted is in the help. */
const unitOf = ({ name }: Metric) => units.find(([pattern]) => pattern.test(name))?.[1] ?? 'number';

const labelText = ({ name, values }: Label) =>
  values ? `\`${name}\`: ${values.map((value) => `\`${value}\``).join(', ')}` : `\`${name}\``;
const row = (metric: Metric) =>
  `| ${[
    `\`${metric.name}\``,
    metric.type,
    unitOf(metric),
    metric.help.replaceAll('|', '\\|'),
    metric.labels.map(labelText).join('<br>'),
  ].join(' | ')} |`;
const table = (metrics: readonly Metric[]) =>
  [
    '| name | type | unit | what it tells | labels |',
    '| --- | --- | --- | --- | --- |',
    ...metrics.map(row),
  ].join('\n');

const { node, own } = readMetrics();
const processes = Object.entries(titles).map(
  ([name, title]) => `## ${title}\n\n${table(own[name as ProcessName])}`,
);
const head = `# What each process measures

Made by \`node observability/metrics.ts\` from the registries of the processes; \`make check\` fails when it is not current, and a test
holds it to what the running processes show at \`/metrics\` on their admin port. Where a label has a closed set, all its values stand here.
A histogram shows \`_bucket\` (with \`le\`), \`_sum\` and \`_count\`. No label ever holds an id, a path or a text that somebody wrote.

Counters with closed sets are there as 0 from the start, in each combination that can occur, so that the first event is an increase. Of
histograms those are that alerts and objectives count failures by: \`status="5xx"\` of each method and route, and \`outcome="failed"\` of each
operation. Any other with labels begins at its first value, which \`rate()\` and \`increase()\` do not see.
Every reconciler counts the queue and the records, so take \`max\` of these gauges, and not \`sum\`; the backlog of tasks is
\`max(tickwork_queue_ready_messages) + sum(tickwork_worker_running)\`. A gauge that nobody can know now shows no sample.`;
const nodes = `## All of them\n\nFrom Node, by prom-client.\n\n${table(node)}`;
const text = `${[head, ...processes, nodes].join('\n\n')}\n`;

const file = join(import.meta.dirname, 'metrics.md');
const current = () => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const nodesPart = /## All of them\n.*$/s;
/** prom-client measures more of a process on Linux: elsewhere that part stays as it is. */
const made =
  process.platform === 'linux' ? text : text.replace(nodesPart, () => nodesPart.exec(current())?.[0] ?? '');
if (!process.argv.includes('--check')) writeFileSync(file, made);
else if (current() !== made) {
  process.stderr.write('observability/metrics.md is not current; run node observability/metrics.ts\n');
  process.exitCode = 1;
}
