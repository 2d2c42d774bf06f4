import type { Filter, Summary } from './find.ts';
import { formatDuration, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import { failedTag, page, serviceTag } from './page.ts';

const mostShown = 200;

export interface ListPage {
  /** Those that match, newest first. */
  readonly found: readonly Summary[];
  /** Of all traces that are kept. */
  readonly services: readonly string[];
  readonly filter: Filter;
}

export function listPage({ found, services, filter }: ListPage): string {
  const shown = found.slice(0, mostShown);
  const content = html`<h1>Traces</h1>
${form(services, filter)}
${shown.length === 0 ? html`<p>No trace matches. Spans come some seconds after they end.</p>` : table(shown)}
${shown.length < found.length ? html`<p>The newest ${shown.length} of ${found.length} are shown.</p>` : ''}`;
  return page('Traces', content);
}

function form(services: readonly string[], { service, failed, correlationId }: Filter): Html {
  const options = services.map(
    (name) => html`<option value="${name}"${name === service ? html` selected` : ''}>${name}</option>`,
  );
  return html`<form action="/">
<label>Service <select name="service"><option value="">all</option>${options}</select></label>
<label>Task <input name="correlation_id" value="${correlationId}" placeholder="correlation_id" size="36"></label>
<label><input type="checkbox" name="failed" value="1"${failed ? html` checked` : ''}> failed only</label>
<button>Show</button> <a href="/">all</a>
</form>`;
}

function table(shown: readonly Summary[]): Html {
  return html`<table>
<thead><tr><th>Trace<th>Service<th>Start<th class="number">Duration<th class="number">Spans</tr></thead>
<tbody>
${shown.map(row)}</tbody>
</table>`;
}

function row({ traceId, name, service, startMs, durationMs, spans, failed }: Summary): Html {
  return html`<tr><td><a class="text" href="/traces/${traceId}">${name || '(no name)'}</a> ${failed ? failedTag : ''}
<td>${serviceTag(service)}<td>${formatTime(startMs)}<td class="number">${formatDuration(durationMs)}<td class="number">${spans}</tr>
`;
}
