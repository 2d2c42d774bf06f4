import { createClock } from '@tickwork/runtime/process/clock';
import { expect, test } from 'vitest';
import { createHtmlText } from './html-text.ts';

const htmlText = createHtmlText({ clock: createClock(), timeLimitMs: 10_000 });
const never = new AbortController().signal;

test('what a person would read, with links and the cells of tables', async () => {
  const html = `<!doctype html><html><head><title>Geese &amp; co</title><style>p{}</style></head><body>
    <h1>Honk</h1><p>See <a href="../b">the <i>others</i></a>.<img src="x.png" alt="no"></p><script>bad()</script>
    <table><tr><th>Name</th><th>Legs</th></tr><tr><td>Goose</td><td>2</td></tr></table></body></html>`;
  const text = await htmlText(html, 'https://g.test/a/c', never);
  expect(text).toBe(
    'Geese & co\n\nHonk\n\nSee the others [https://g.test/b].\n\nName | Legs | \nGoose | 2 | ',
  );
});

test('a page that holds the parser up for minutes is given up, while this thread goes on', async () => {
  const soon = createHtmlText({ clock: createClock(), timeLimitMs: 1000 });
  let beats = 0;
  const timer = setInterval(() => beats++, 10);
  const deep = soon('<div>'.repeat(300_000), 'https://g.test', never);
  await expect(deep).rejects.toThrow('the page is too complex to be read');
  clearInterval(timer);
  expect(beats).toBeGreaterThan(10);
});

test('a stop is heeded at once, by who works and who waits', async () => {
  const slow = createHtmlText({ clock: createClock(), timeLimitMs: 60_000 });
  const stop = new AbortController();
  const pages = [1, 2, 3].map(() => slow('<div>'.repeat(300_000), 'https://g.test', stop.signal));
  const ends = pages.map((page) => expect(page).rejects.toThrow('stopped'));
  stop.abort(new Error('stopped'));
  await Promise.all(ends);
  expect(await slow('<p>next', 'https://g.test', never)).toBe('next');
});
