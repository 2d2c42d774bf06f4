import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capacity } from './dashboards/capacity.ts';
import { dependencies } from './dashboards/dependencies.ts';
import { gateway } from './dashboards/gateway.ts';
import { toGrafana } from './dashboards/grafana.ts';
import { overview } from './dashboards/overview.ts';
import { reconciler } from './dashboards/reconciler.ts';
import { worker } from './dashboards/worker.ts';

// Makes Grafana's dashboards, where the chart has them. With --check it only says whether they are current.
const folder = join(import.meta.dirname, '../charts/tickwork/files/dashboards');
const dashboards = { overview, gateway, worker, reconciler, dependencies, capacity };
const files = new Map(
  Object.entries(dashboards).map(([name, dashboard]) => [
    `${name}.json`,
    `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`,
  ]),
);

const surplus = existsSync(folder) ? readdirSync(folder).filter((name) => !files.has(name)) : [];
const stale = [...files].filter(([name, text]) => {
  const file = join(folder, name);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
});
if (!process.argv.includes('--check')) {
  mkdirSync(folder, { recursive: true });
  for (const name of surplus) rmSync(join(folder, name));
  for (const [name, text] of stale) writeFileSync(join(folder, name), text);
} else if (stale.length + surplus.length > 0) {
  const names = [...stale.map(([name]) => name), ...surplus].join(', ');
  process.stderr.write(`${names}: not what the dashboards are now; run node observability/dashboards.ts\n`);
  process.exitCode = 1;
}
