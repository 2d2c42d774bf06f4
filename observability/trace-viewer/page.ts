import { type Html, html } from './html.ts';

export const stylePath = '/style.css';

export function page(title: string, content: Html): string {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="${stylePath}">
</head>
<body>
${content}
</body>
</html>
`;
  return whole.toString();
}

/** A page that says why there is no other. */
export const messagePage = (message: string): string =>
  page(message, html`<h1>${message}</h1>\n<p><a href="/">All traces</a></p>`);

/** So many can be told from each other. */
const colours = 7;

/** The same service has the same colour on every page. */
export function serviceTag(service: string): Html {
  return html`<span class="service ${colourOf(service)}">${service}</span>`;
}

export function colourOf(service: string): string {
  // FNV-1a.
  const hash = Buffer.from(service).reduce(
    (sum, byte) => Math.imul(sum ^ byte, 16_777_619) >>> 0,
    2_166_136_261,
  );
  return `c${hash % colours}`;
}

export const failedTag = html`<span class="failed">failed</span>`;
