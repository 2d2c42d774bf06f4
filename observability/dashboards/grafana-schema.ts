import type * as grafana from '@grafana/schema';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// What the dashboards' JSON must be, by Grafana's own types: the compiler holds the generator to it, and nothing of them runs.

/** The values of an enum, in place of its names. */
type Json<Type> = Type extends string
  ? `${Type}`
  : Type extends number
    ? `${Type}` extends `${infer Value extends number}`
      ? Value
      : never
    : Type extends readonly (infer Item)[]
      ? Json<Item>[]
      : Type extends object
        ? { [Name in keyof Type]: Json<Type[Name]> }
        : Type;
/** What a panel leaves out has the default of its plugin. */
type Options<Type> = { [Name in keyof Type]?: Partial<Json<Type[Name]>> };

export type StatOptions = Options<stat.Options>;
export type TimeseriesOptions = Options<timeseries.Options>;
export type Curve = Json<timeseries.FieldConfig>;
export type Place = Json<grafana.GridPos>;
export type Link = Json<grafana.DashboardLink>;
export type Variable = Json<grafana.VariableModel>;
export type Step = Json<grafana.Threshold>;

interface Query extends grafana.DataQuery {
  readonly expr: string;
  readonly legendFormat: string;
  readonly range: true;
}
type Written = 'type' | 'gridPos' | 'fieldConfig' | 'options' | 'targets';
export type DataPanel = Json<Omit<grafana.Panel, Written>> & {
  readonly type: 'stat' | 'timeseries';
  readonly gridPos: Place;
  readonly fieldConfig: Json<grafana.FieldConfigSource<Curve>>;
  readonly options: StatOptions | TimeseriesOptions;
  readonly targets: Query[];
};
export type Row = Json<grafana.RowPanel>;
export type DashboardJson = Json<Omit<grafana.Dashboard, 'panels'>> & {
  readonly panels: (DataPanel | Row)[];
};
