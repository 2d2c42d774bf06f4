import { Type } from 'typebox';
import { shortened } from '../shortened.ts';
import { FetchRefused, type GuardedFetch } from './guarded-fetch.ts';
import { HtmlRefused, type HtmlText } from './html-text.ts';
import { decodePage } from './page-text.ts';
import { type Tool, ToolFailure } from './tool.ts';

export interface FetchPageOptions {
  readonly guardedFetch: GuardedFetch;
  readonly htmlText: HtmlText;
  readonly maxCharacters: number;
}

/** Reads one page of the web as text. */
export function createFetchPage({ guardedFetch, htmlText, maxCharacters }: FetchPageOptions): Tool {
  async function read(url: string, signal: AbortSignal): Promise<string> {
    const page = await guardedFetch(url, signal);
    if (page.status < 200 || page.status > 299)
      throw new FetchRefused(`it answered with status ${page.status}`);
    const decoded = decodePage(page);
    if (!decoded) throw new FetchRefused(`its type, ${shortened(page.contentType, 60)}, holds no text`);
    const isHtml = decoded.kind === 'html';
    const text = isHtml ? await htmlText(decoded.text, page.url, signal) : decoded.text;
    const isWhole = text.length <= maxCharacters && !page.isCut;
    const shown = text.slice(0, maxCharacters).toWellFormed();
    return `${page.url}\n\n${shown}${isWhole ? '' : '\n\n[The page goes on; the rest was cut off.]'}`;
  }

  return {
    name: 'fetch_page',
    description:
      'Reads one page of the web, by its http or https URL, and gives its text. Long pages are cut off.',
    input: Type.Object({
      url: Type.String({ minLength: 1, maxLength: 2000, description: 'The URL of the page' }),
    }),
    async run({ url }, signal) {
      const name = shortened(String(url), 200);
      try {
        return { text: await read(String(url), signal), note: `Read ${name}` };
      } catch (error) {
        if (!(error instanceof FetchRefused || error instanceof HtmlRefused)) throw error;
        throw new ToolFailure(
          `The page was not read: ${error.message}.`,
          `Could not read ${name}: ${error.message}`,
        );
      }
    },
  };
}
