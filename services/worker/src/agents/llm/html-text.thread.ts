import { parentPort, workerData } from 'node:worker_threads';
import { convert, type HtmlToTextOptions } from 'html-to-text';

const { html, url }: { html: string; url: string } = workerData;
const pathRewrite = (path: string) => URL.parse(path, url)?.href ?? path;
const heading = { options: { uppercase: false } };
const options: HtmlToTextOptions = {
  wordwrap: false,
  formatters: {
    cell: (element, walk, builder) => {
      walk(element.children, builder);
      builder.addLiteral(' | ');
    },
  },
  limits: { maxInputLength: html.length, maxDepth: 200 },
  selectors: [
    { selector: 'a', options: { pathRewrite, hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    ...['td', 'th'].map((selector) => ({ selector, format: 'cell' })),
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...heading })),
  ],
};
const title = convert(/<title[^>]{0,200}>([^<]{1,300})/i.exec(html)?.[1] ?? '');
const text = convert(html, options);
// What has no body is taken whole, and then begins with its title anyway.
parentPort?.postMessage(text.startsWith(title) ? text : `${title}\n\n${text}`);
