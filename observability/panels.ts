import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly links?: readonly { readonly url: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}
interface GrafanaDashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
}

const folder = join(import.meta.dirname, '../charts/tickwork/files/dashboards');

/** By file, as the chart has them. */
export const readDashboards = () =>
  readdirSync(folder).map(
    (name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as GrafanaDashboard] as const,
  );

/** Without the titles of sections. */
export const dataPanels = ({ panels }: GrafanaDashboard) => panels.filter(({ type }) => type !== 'row');

/** Every query, as Grafana asks it where all namespaces and instances are chosen. */
export function readQueries(rateInterval: string) {
  const variables = { $namespace: '.*', $instance: '.+', $__rate_interval: rateInterval };
  const filledIn = (expr: string) =>
    Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
  return readDashboards().flatMap(([file, dashboard]) =>
    dataPanels(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr, legendFormat }) => ({
        name: `${file}: ${title}, ${refId}`,
        query: filledIn(expr),
        legend: legendFormat,
      })),
    ),
  );
}
