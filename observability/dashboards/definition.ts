/** Grafana's names of units. */
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops' | 'bool_on_off';

/** Where a value becomes bad: from here on up, or down. */
export interface Thresholds {
  readonly bad: 'above' | 'below';
  readonly warning: number;
  readonly critical?: number;
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  /** PromQL by legend; `{{label}}` in a legend is the label's value. */
  readonly queries: Readonly<Record<string, string>>;
  /** One number in place of a curve. */
  readonly now?: true;
  readonly stacked?: true;
  readonly thresholds?: Thresholds;
  /** The alerts about it, whose runbooks it links to. */
  readonly alerts?: readonly string[];
  /** Whose spans it links to: a service's name in the traces. */
  readonly traces?: 'tickwork-gateway' | 'tickwork-reconciler' | 'tickwork-worker';
}

interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Never changes: links and bookmarks hold it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly sections: readonly Section[];
}

const here = 'namespace=~"$namespace"';
const pods = `${here},instance=~"$instance"`;
const selector = (labels: readonly string[]) => `{${labels.filter(Boolean).join(',')}}`;

/** Series of the chosen instances. */
export const of = (metric: string, labels = '') => metric + selector([pods, labels]);
/** Series that a rule recorded, by namespace alone. */
export const recorded = (rule: string) => rule + selector([here]);
export const rate = (metric: string, labels = '') => `rate(${of(metric, labels)}[$__rate_interval])`;

export const rateBy = (by: string, metric: string, labels = '') => `sum by (${by}) (${rate(metric, labels)})`;
export const total = (metric: string, labels = '') => `sum(${rate(metric, labels)})`;
/** Of a histogram, in the seconds that it measures; `by` splits it, and what had nothing to measure has no curve, in place of NaN. */
export function quantile(part: number, metric: string, by = '', labels = ''): string {
  const kept = ['le', by].filter(Boolean).join(', ');
  const query = `histogram_quantile(${part}, sum by (${kept}) (${rate(`${metric}_bucket`, labels)}))`;
  return by ? `${query} >= 0` : query;
}
