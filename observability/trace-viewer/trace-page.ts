import type { Linked, Summary } from './find.ts';
import { formatDuration, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import type { Link, Span } from './otlp.ts';
import { colourOf, failedTag, page, serviceTag } from './page.ts';
import type { Row } from './waterfall.ts';

export interface TracePage {
  readonly summary: Summary;
  readonly rows: readonly Row[];
  /** Spans that came and are not kept. */
  readonly dropped: number;
  readonly linksFrom: readonly Linked[];
  readonly linksTo: readonly Linked[];
}

export function tracePage({ summary, rows, dropped, linksFrom, linksTo }: TracePage): string {
  const { traceId, name, service, startMs, durationMs, spans, failed } = summary;
  const content = html`<p><a href="/">All traces</a></p>
<h1><span class="text">${name || '(no name)'}</span> ${failed ? failedTag : ''}</h1>
<p>${serviceTag(service)} ${formatTime(startMs)} · ${formatDuration(durationMs)} · ${count(spans, 'span')} · <code>${traceId}</code></p>
${dropped > 0 ? html`<p class="odd">${count(dropped, 'span')} more came than a trace has a place for: the oldest that neither failed nor are roots are gone.</p>` : ''}
<div class="waterfall">
${rows.map(spanRow)}</div>
${linkList('This trace links to', linksFrom)}
${linkList('What links to this trace', linksTo)}`;
  return page(`${name} · trace`, content);
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

const oddities = {
  orphan: 'its parent is not here',
  cycle: 'it is among its own parents',
  early: 'it starts before its parent: two hosts’ clocks differ',
};
/** Deeper ones are not indented further. */
const deepest = 20;

function spanRow({ span, depth, offset, width, oddity }: Row): Html {
  const { name, service, durationMs, failed, attributes } = span;
  const type = attributes['error.type'];
  return html`<details><summary>
<span class="name" title="${name}">${'\u2003'.repeat(Math.min(depth, deepest))}<span class="text">${name || '(no name)'}</span></span>
<span>${serviceTag(service)}</span>
${bar(offset, width, failed ? 'failure' : colourOf(service))}
<span class="number">${formatDuration(durationMs)}</span>
<span>${failed ? failedTag : ''} ${type === undefined ? '' : html`<span class="text">${toText(type)}</span>`}${oddity ? html` <span class="odd" title="${oddities[oddity]}">${oddity}</span>` : ''}</span>
</summary>
${details(span, oddity)}</details>
`;
}

/** SVG, as the page's policy lets no style be inline. */
function bar(offset: number, width: number, colour: string): Html {
  const least = 0.003; // of the whole, so that what is short is seen
  const x = Math.min(offset, 1 - least) * 1000;
  const length = Math.max(Math.min(width, 1), least) * 1000;
  return html`<svg class="bar ${colour}" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${x.toFixed(1)}" width="${length.toFixed(1)}" height="10"/></svg>`;
}

function details(span: Span, oddity: Row['oddity']): Html {
  const { kind, startMs, spanId, resource, attributes, links, dropped } = span;
  const entries: [string, Html | string][] = [
    ...(oddity ? [['odd', oddities[oddity]] as [string, string]] : []),
    ['kind', kind],
    ['start', formatTime(startMs)],
    ['span', spanId],
    ...toEntries(attributes),
    ...links.map((link): [string, Html] => ['link', linkTo(link)]),
    ...(dropped > 0 ? [['not kept', `${dropped} more attributes and links`] as [string, string]] : []),
  ];
  return html`${definitions(entries)}<h3>Its process</h3>${definitions(toEntries(resource))}`;
}

const toEntries = (attributes: Span['attributes']) =>
  Object.entries(attributes).map(([key, value]): [string, string] => [key, toText(value)]);

const definitions = (entries: readonly [string, Html | string][]) =>
  html`<dl>${entries.map(([key, value]) => html`<dt class="text">${key}</dt><dd class="text">${value}</dd>\n`)}</dl>`;

const toText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const linkTo = ({ traceId, spanId }: Link) =>
  html`<a href="/traces/${traceId}">${traceId}</a> span ${spanId}`;

function linkList(title: string, linked: readonly Linked[]): Html | string {
  if (linked.length === 0) return '';
  const items = linked.map(({ traceId, summary, by }) => {
    const target = summary
      ? html`<a class="text" href="/traces/${traceId}">${summary.name || '(no name)'}</a> ${serviceTag(summary.service)} ${formatTime(summary.startMs)}`
      : html`<code>${traceId}</code>, which is not kept`;
    return html`<li>${target} · by <span class="text">${by.join(', ')}</span></li>\n`;
  });
  return html`<h2>${title}</h2>
<ul>
${items}</ul>`;
}
