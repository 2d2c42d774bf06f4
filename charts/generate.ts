import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { rules } from './rules.ts';

// Makes values.schema.json and the README's table from values.yaml. With --check it only says whether they are current.
const chart = join(import.meta.dirname, 'tickwork');

type Schema = Record<string, unknown>;
interface Value {
  readonly path: string;
  readonly preset: unknown;
  readonly description: string;
}

/** A key is a value where its comment begins with `--`, else a section. Throws on a value that nobody described. */
function values(map: YAMLMap, path: readonly string[] = [], comment = ''): Value[] {
  return map.items.flatMap((pair, index) => {
    const name = nameOf(pair);
    const before = (isScalar(pair.key) && pair.key.commentBefore) || (index === 0 ? comment : '');
    const described = /(?:^|\n) -- (.*)$/s.exec(before)?.[1]?.replaceAll(/\n\s*/g, ' ');
    const here = [...path, name];
    if (described) return [{ path: here.join('.'), preset: toPlain(pair), description: described }];
    if (isMap(pair.value)) return values(pair.value, here, pair.value.commentBefore ?? '');
    throw new Error(`${here.join('.')} has no description in values.yaml`);
  });
}

const nameOf = (pair: Pair) => String(isScalar(pair.key) ? pair.key.value : pair.key);
const toPlain = ({ value }: Pair): unknown =>
  value && typeof value === 'object' && 'toJSON' in value
    ? (value.toJSON as () => unknown).call(value)
    : value;

function schemaOf({ path, preset, description }: Value): Schema {
  const [, rule] = rules.find(([pattern]) => pattern.test(path)) ?? [];
  return { description, ...(rule ?? { type: typeOf(preset) }) };
}

function typeOf(preset: unknown): string {
  if (Array.isArray(preset)) return 'array';
  if (typeof preset === 'number') return 'integer';
  return typeof preset;
}

/** Sections as closed objects. Helm itself adds `global`. */
function toSchema(all: readonly Value[]): Schema {
  const root = section();
  for (const value of all) {
    const names = value.path.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at.properties[name] ??= section();
      at = at.properties[name] as Section;
    }
    at.properties[names.at(-1) ?? ''] = schemaOf(value);
  }
  root.properties['global'] = { type: 'object' };
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...root };
}

interface Section extends Schema {
  readonly properties: Record<string, unknown>;
}
const section = (): Section => ({ type: 'object', additionalProperties: false, properties: {} });

function toTable(all: readonly Value[]): string {
  const row = ({ path, preset, description }: Value) =>
    `| \`${path}\` | \`${JSON.stringify(preset)}\` | ${description.replaceAll('|', '\\|')} |`;
  return ['| value | default | what it does |', '| --- | --- | --- |', ...all.map(row)].join('\n');
}

const document = parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8'));
if (!isMap(document.contents)) throw new Error('values.yaml holds no map');
const all = values(document.contents);
const readme = readFileSync(join(chart, 'README.md'), 'utf8');
const made = {
  'values.schema.json': `${JSON.stringify(toSchema(all), null, 2)}\n`,
  'README.md': readme.replace(
    /(<!-- values -->\n).*(<!-- \/values -->)/s,
    (_all, start, end) => `${start}\n${toTable(all)}\n\n${end}`,
  ),
};
for (const [name, text] of Object.entries(made)) {
  const file = join(chart, name);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`charts/tickwork/${name} is not current: run node charts/generate.ts\n`);
    process.exitCode = 1;
  }
}
