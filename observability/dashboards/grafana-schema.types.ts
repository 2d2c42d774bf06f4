import type { Curve, DashboardJson, Place, TimeseriesOptions, Variable } from './grafana-schema.ts';

// For the compiler alone: it takes no JSON that is not of Grafana's schema, else one of these expects an error in vain.

// @ts-expect-error a text for a number
const _sync: DashboardJson['graphTooltip'] = '1';
// @ts-expect-error no such mode
const _curve: Curve = { stacking: { mode: 'piled' } };
// @ts-expect-error no such option
const _options: TimeseriesOptions = { legends: { showLegend: true } };
// @ts-expect-error a height is missing
const _place: Place = { x: 0, y: 0, w: 12 };
// @ts-expect-error no such type
const _variable: Variable = { name: 'namespace', type: 'querry' };
