import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { fetch, type Response } from 'undici';
import { outbound, traceHeaders } from '../outbound.ts';
import { shortened } from '../shortened.ts';
import { readUpTo } from './read-up-to.ts';
import { type Tool, ToolFailure } from './tool.ts';

export interface WebSearchOptions {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly timeLimitMs: number;
}

const maxAnswerBytes = 1_000_000;
const answerSchema = Type.Object({
  results: Type.Array(
    Type.Object({
      title: Type.String(),
      url: Type.String(),
      snippet: Type.Optional(Type.String()),
    }),
  ),
});

/** Asks the operator's search endpoint; docs/llm-agent.md says what it answers. */
export function createWebSearch({ url, apiKey, clock, timeLimitMs }: WebSearchOptions): Tool {
  async function ask(query: string, count: number, signal: AbortSignal): Promise<string> {
    const target = new URL(url);
    target.searchParams.set('q', query);
    target.searchParams.set('count', String(count));
    const headers = { accept: 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
    const called = { method: 'GET', server: target, statusOf: ({ status }: Response) => status } as const;
    const response = await outbound(called, () =>
      fetch(target, { headers: { ...headers, ...traceHeaders() }, redirect: 'error', signal }),
    );
    if (!response.ok) {
      await response.body?.cancel();
      throw new SearchFailed(`it answered with status ${response.status}`);
    }
    const { body, isCut } = await readUpTo(response.body, maxAnswerBytes);
    const answer = isCut ? null : parse(body.toString());
    if (!Value.Check(answerSchema, answer)) throw new SearchFailed('its answer has another shape');
    return format(answer.results.slice(0, count));
  }

  async function search(query: string, count: number, signal: AbortSignal): Promise<string> {
    try {
      return await withTimeLimit(clock, timeLimitMs, (limit) =>
        ask(query, count, AbortSignal.any([signal, limit])),
      );
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof SearchFailed ? error.message : 'it could not be reached';
      throw new ToolFailure(
        `The search failed: ${reason}.`,
        `Could not search the web for “${shortened(query, 200)}”: ${reason}`,
      );
    }
  }

  return {
    name: 'web_search',
    description: 'Searches the web, and gives the title, URL and a snippet of each page that was found.',
    input: Type.Object({
      query: Type.String({ minLength: 1, maxLength: 500, description: 'What to search for' }),
      count: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 20, description: 'How many results at most; 5 if not given' }),
      ),
    }),
    async run({ query, count = 5 }, signal) {
      const text = await search(String(query), Number(count), signal);
      return { text, note: `Searched the web for “${shortened(String(query), 200)}”` };
    },
  };
}

class SearchFailed extends Error {}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function format(results: readonly { title: string; url: string; snippet?: string }[]): string {
  if (results.length === 0) return 'Nothing was found.';
  return results
    .map(({ title, url, snippet = '' }, index) =>
      [`${index + 1}. ${shortened(title, 300)}`, shortened(url, 2000), shortened(snippet, 1000)]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n\n');
}
