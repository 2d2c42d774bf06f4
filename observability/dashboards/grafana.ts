import type { Dashboard, Panel, Thresholds } from './definition.ts';
import type {
  Curve,
  DashboardJson,
  DataPanel,
  Link,
  Place,
  Row,
  StatOptions,
  Step,
  TimeseriesOptions,
  Variable,
} from './grafana-schema.ts';

/** Of Grafana 12; older ones leave a newer schema as it is. */
const schemaVersion = 42;
/** As Grafana fills it in. */
const variable = (name: string) => `\${${name}}`;
const datasource = { type: 'prometheus', uid: variable('datasource') };
const columns = 24;

const sizeOf = ({ now }: Panel) => (now ? { w: 6, h: 5 } : { w: 12, h: 8 });

function stepsOf(thresholds: Thresholds): Step[] {
  const { bad, warning, critical } = thresholds;
  const step = (color: string, value: number | null): Step => ({ color, value });
  if (bad === 'above') {
    const steps = [step('green', null), step('orange', warning)];
    return critical === undefined ? steps : [...steps, step('red', critical)];
  }
  return critical === undefined
    ? [step('orange', null), step('green', warning)]
    : [step('red', null), step('orange', critical), step('green', warning)];
}

/** Shown in Explore, for the time that the dashboard shows. Grafana fills the variables in, so they stay as they are. */
function tracesUrl(service: string): string {
  const source = variable('traces');
  const query = `{resource.service.name=~"${service}"}`;
  const panes = {
    traces: {
      datasource: source,
      queries: [
        { refId: 'A', datasource: { type: 'tempo', uid: source }, queryType: 'traceql', query, limit: 20 },
      ],
      range: { from: variable('__from'), to: variable('__to') },
    },
  };
  const encoded = encodeURIComponent(JSON.stringify(panes));
  return `/explore?schemaVersion=1&panes=${encoded.replaceAll(/%24%7B(\w+)%7D/g, (_all, name) => variable(name))}`;
}

/** Grafana's schema wants all of these. */
const link = (more: Pick<Link, 'title'> & Partial<Link>): Link => ({
  type: 'link',
  icon: 'external link',
  tooltip: '',
  tags: [],
  asDropdown: false,
  includeVars: false,
  keepTime: false,
  targetBlank: true,
  ...more,
});
const tracesLink = (title: string, service: string) => link({ title, url: tracesUrl(service) });

const linksOf = ({ alerts = [], traces }: Panel) => [
  ...alerts.map((alert) => link({ title: `Runbook: ${alert}`, url: `observability/runbooks/${alert}.md` })),
  ...(traces ? [tracesLink(`Traces of ${traces}`, traces)] : []),
];

const curveOf = ({ stacked, thresholds }: Panel): Curve => ({
  lineWidth: 1,
  fillOpacity: 10,
  showPoints: 'never',
  stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
  thresholdsStyle: { mode: thresholds ? 'dashed' : 'off' },
});
const curveOptions: TimeseriesOptions = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' },
};
const numberOptions: StatOptions = {
  reduceOptions: { calcs: ['lastNotNull'] },
  colorMode: 'value',
  graphMode: 'area',
};

function panelOf(panel: Panel, place: Place, id: number): DataPanel {
  const { title, description, unit, queries, now, thresholds } = panel;
  const steps = thresholds ? stepsOf(thresholds) : [{ color: 'green', value: null }];
  return {
    id,
    type: now ? 'stat' : 'timeseries',
    title,
    description,
    datasource,
    gridPos: place,
    links: linksOf(panel),
    fieldConfig: {
      defaults: {
        unit,
        color: { mode: now ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps },
        ...(now ? {} : { custom: curveOf(panel) }),
      },
      overrides: [],
    },
    options: now ? numberOptions : curveOptions,
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat,
      range: true,
    })),
  };
}

/** From left to right, then down; a section begins a new line. */
function panelsOf({ sections }: Dashboard): (DataPanel | Row)[] {
  const made: (DataPanel | Row)[] = [];
  let [x, y, height] = [0, 0, 0];
  const newLine = () => {
    [x, y, height] = [0, y + height, 0];
  };
  for (const { title, panels } of sections) {
    newLine();
    const gridPos = { x, y, w: columns, h: 1 };
    made.push({ id: made.length + 1, type: 'row', title, collapsed: false, gridPos, panels: [] });
    y += 1;
    for (const panel of panels) {
      const { w, h } = sizeOf(panel);
      if (x + w > columns) newLine();
      made.push(panelOf(panel, { x, y, w, h }, made.length + 1));
      [x, height] = [x + w, Math.max(height, h)];
    }
  }
  return made;
}

const everything = { text: 'All', value: '$__all' };
const anyProcess = '{__name__=~"tickwork_(watchers|reconciler_leader|worker_running)"';
const choice = (name: string, label: string, query: string, more: Partial<Variable>): Variable => ({
  name,
  label,
  type: 'query',
  datasource,
  query: { query, refId: name },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  current: everything,
  ...more,
});
const variables: Variable[] = [
  { name: 'datasource', label: 'Metrics', type: 'datasource', query: 'prometheus' },
  { name: 'traces', label: 'Traces', type: 'datasource', query: 'tempo' },
  // Outside of a cluster series have no namespace, and .* takes those too.
  choice('namespace', 'Namespace', `label_values(${anyProcess}}, namespace)`, { allValue: '.*' }),
  // All of them by name, so that Node's metrics of other products stay away.
  choice('instance', 'Instance', `label_values(${anyProcess},namespace=~"$namespace"}, instance)`, {}),
];

/** The dashboard as Grafana's provisioning and its sidecar take it. */
export const toGrafana = (dashboard: Dashboard): DashboardJson => ({
  uid: dashboard.uid,
  title: `Tickwork / ${dashboard.title}`,
  description: dashboard.description,
  tags: ['tickwork'],
  schemaVersion,
  version: 1,
  editable: false,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-1h', to: 'now' },
  timezone: 'browser',
  links: [
    link({
      type: 'dashboards',
      icon: 'dashboard',
      title: 'Tickwork',
      tags: ['tickwork'],
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
    }),
    tracesLink('Traces', 'tickwork-.*'),
  ],
  templating: { list: variables },
  annotations: { list: [] },
  panels: panelsOf(dashboard),
});
