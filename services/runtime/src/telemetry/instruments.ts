import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Each label with every value that it may have: what is not in such a set is no label. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;
type Labels<Sets extends LabelSets> = { readonly [Name in keyof Sets]: Sets[Name][number] };
/** The labels come first, where there are any. */
type Given<Sets extends LabelSets> = keyof Sets extends never ? [] : [labels: Labels<Sets>];

interface Description<Sets extends LabelSets> {
  readonly name: string;
  readonly help: string;
  readonly labels?: Sets;
}
interface CounterDescription<Sets extends LabelSets> extends Description<Sets> {
  /** Not every combination occurs: none is there before it is counted, or set to 0. */
  readonly sparse?: boolean;
}
interface GaugeDescription<Sets extends LabelSets> extends Description<Sets> {
  /** Called before each answer, to set what is known only then. */
  readonly collect?: (gauge: GaugeOf<Sets>) => void;
}
interface HistogramDescription<Sets extends LabelSets> extends Description<Sets> {
  readonly buckets: number[];
}

export interface CounterOf<Sets extends LabelSets> {
  inc(...given: [...Given<Sets>, by?: number]): void;
}
export interface GaugeOf<Sets extends LabelSets> {
  set(...given: [...Given<Sets>, value: number]): void;
  inc(...given: [...Given<Sets>, by?: number]): void;
  /** Nobody knows the value: nothing is shown. */
  remove(...given: Given<Sets>): void;
}
export interface HistogramOf<Sets extends LabelSets> {
  observe(...given: [...Given<Sets>, value: number]): void;
  /**
   * There from now on, as 0, so that the first one observed is an increase. Only at the start, as it forgets what was observed, and only
   * for what can occur, as each is a line per bucket.
   */
  zero(...given: Given<Sets>): void;
}
type None = Readonly<Record<never, never>>;

/** Metrics whose labels are closed sets, which the compiler holds to and which `labelSetsOf` tells. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const options = <Sets extends LabelSets>({ name, help, labels }: Description<Sets>) => ({
    ...{ name, help, registers },
    labelNames: Object.keys(labels ?? {}),
  });

  return {
    /** In every combination of its labels it is there from the start, as 0: so the first one counted is an increase. */
    counter<const Sets extends LabelSets = None>(description: CounterDescription<Sets>): CounterOf<Sets> {
      const counter = closed(new Counter(options(description)), description.labels);
      if (!description.sparse) for (const labels of combinations(description.labels)) counter.inc(labels, 0);
      return counter as unknown as CounterOf<Sets>;
    },
    gauge<const Sets extends LabelSets = None>(description: GaugeDescription<Sets>): GaugeOf<Sets> {
      const { collect, labels } = description;
      const typed = (gauge: Gauge) => gauge as unknown as GaugeOf<Sets>;
      const collector = collect
        ? {
            collect(this: Gauge) {
              collect(typed(this));
            },
          }
        : {};
      return typed(closed(new Gauge({ ...options(description), ...collector }), labels));
    },
    histogram<const Sets extends LabelSets = None>(
      description: HistogramDescription<Sets>,
    ): HistogramOf<Sets> {
      const { buckets, labels } = description;
      const histogram = new Histogram({ ...options(description), buckets });
      return closed(histogram, labels) as unknown as HistogramOf<Sets>;
    },
  };
}

export type Instruments = ReturnType<typeof createInstruments>;

const closed = <Metric extends object>(metric: Metric, labelSets: LabelSets = {}): Metric =>
  Object.assign(metric, { labelSets });

/** The closed sets of a registry's metric; none for one that was made without. */
export function labelSetsOf(metric: object): LabelSets {
  return 'labelSets' in metric ? (metric.labelSets as LabelSets) : {};
}

function combinations(sets: LabelSets = {}): Record<string, string>[] {
  return Object.entries(sets).reduce<Record<string, string>[]>(
    (before, [name, values]) =>
      before.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value }))),
    [{}],
  );
}
