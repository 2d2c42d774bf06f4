import type { ProcessName } from '../../observability/processes.ts';
import { readMetrics } from '../../observability/processes.ts';
import { type Known, seriesOf } from '../../observability/queries.ts';
import type { Series } from './prometheus-client.ts';

type Labels = Readonly<Record<string, string>>;

const hasNumber = ([, value]: readonly [number, string]) => Number.isFinite(Number(value));
const labelsIn = (legend: string) => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);

/** What is wrong with a panel's curves; null where there is one with values and all labels of its legend. */
export function panelProblem(legend: string, curves: readonly Series[]): string | null {
  if (curves.length === 0) return 'is empty';
  const shown = curves.filter(({ values }) => values.some(hasNumber));
  if (shown.length === 0) return 'has no finite value';
  const labels = labelsIn(legend);
  const isNamed = shown.some(({ metric }) => labels.every((label) => metric[label]));
  return isNamed ? null : `has no curve with the labels ${labels.join(', ')}`;
}

/** Of the target, and so bounded by the installation. */
const targetLabels = new Set([
  '__name__',
  'instance',
  'job',
  'namespace',
  'pod',
  'app_kubernetes_io_component',
]);
const uuid = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/i;

/** Every series that the processes show, with the closed sets of its labels. */
export function knownSeries(): Known {
  const { own } = readMetrics();
  return seriesOf(
    (Object.keys(own) as ProcessName[]).flatMap((name) => own[name]),
    [],
  );
}

/** The labels of our series that hold what no closed set has, as `name{label="value"}`. */
export function unboundedLabels(series: readonly Labels[], known: Known): string[] {
  const found = series.flatMap((labels) => {
    const { __name__: name = '' } = labels;
    const isOpen = ([label, value]: [string, string]) => {
      if (targetLabels.has(label)) return false;
      if (label === 'le') return Number.isNaN(Number(value.replace('+Inf', 'Infinity')));
      return !known.get(name)?.some((one) => one.name === label && one.values?.includes(value));
    };
    const open = Object.entries(labels).filter(isOpen);
    return open.map(([label, value]) => `${name}{${label}="${value}"}`);
  });
  return [...new Set(found)];
}

/** Labels of any series that hold an id, or what a user wrote. */
export function userText(series: readonly Labels[], texts: readonly string[]): string[] {
  const isText = (value: string) => uuid.test(value) || texts.some((text) => value.includes(text));
  const found = series.flatMap((labels) =>
    Object.entries(labels).flatMap(([label, value]) => (isText(value) ? [`${label}="${value}"`] : [])),
  );
  return [...new Set(found)];
}
