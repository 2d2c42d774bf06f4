import type { RuleGroup } from '../../observability/rules.ts';

/** A second of a test stands for so many of production's: with a scrape each second for one each 30 s. */
const timeScale = 30;

const milliseconds: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Throws where it is none of one unit, or no whole number of milliseconds remains. */
export function scaleDuration(duration: string): string {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const scaled = (Number(amount) * (milliseconds[unit] ?? Number.NaN)) / timeScale;
  if (!Number.isInteger(scaled)) throw new Error(`${duration} is no duration that can be scaled`);
  return `${scaled}ms`;
}

/** What times are compared with, in seconds of production. */
const seconds = new Set(['300', '600', '900']);
/** Counts; the lag of a sync, which takes here as long as there; and what a token has left, as tokens last as long here. */
const kept = new Set(['0', '1', '5', '86400', '14 * 86400']);
const isRatio = (amount: string) => /^0[.]\d+$/.test(amount);

function scaleAmount(amount: string): string {
  if (seconds.has(amount)) return String(Number(amount) / timeScale);
  if (kept.has(amount) || isRatio(amount)) return amount;
  throw new Error(`whether ${amount} is a time, and to be scaled, is not known`);
}

const comparison = /(?<operator>==|!=|[<>]=?)\s*(?<amount>[\d.]+(?:\s*\*\s*\d+)*)?/;
const parts = new RegExp(
  `"[^"]*"|\\{[^}]*\\}|\\[(?<range>[^\\]]*)\\]|(?<offset>\\boffset\\b|@)|${comparison.source}`,
  'g',
);

/** PromQL of ours in the time of a test. Throws at what it does not know. */
export function scaleQuery(query: string): string {
  return query.replaceAll(parts, (text, ...rest) => {
    const { range, offset, operator, amount } = rest.at(-1) as Record<string, string | undefined>;
    if (offset) throw new Error(`${offset} is not known here: ${query}`);
    if (range !== undefined) return `[${scaleDuration(range)}]`;
    if (!operator) return text;
    if (!amount) throw new Error(`${operator} compares with something else than a number: ${query}`);
    return `${operator} ${scaleAmount(amount)}`;
  });
}

const scalings: Readonly<Record<string, (value: string) => string>> = {
  interval: scaleDuration,
  for: scaleDuration,
  expr: scaleQuery,
};
const timeless = new Set(['name', 'record', 'alert', 'labels', 'annotations']);

function scaleFields<Fields extends object>(fields: Fields): Fields {
  const scaled = Object.entries(fields).map(([name, value]) => {
    const scaling = scalings[name];
    if (scaling) return [name, scaling(String(value))];
    if (!timeless.has(name)) throw new Error(`whether the field ${name} is a time is not known`);
    return [name, value];
  });
  return Object.fromEntries(scaled) as Fields;
}

/** Every duration and every time that something is compared with becomes shorter; nothing else changes. */
export const scaleGroups = (groups: readonly RuleGroup[]): RuleGroup[] =>
  groups.map(({ rules, ...group }) => ({ ...scaleFields(group), rules: rules.map(scaleFields) }));
