import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

test.each(['README.md'])('%s shows the example as it is', (path) => {
  expect(read(path)).toContain(`\`\`\`ts\n${read('examples/agents/summary.ts')}\`\`\`\n`);
});

test.each(['README.md', 'docs/agents.md', 'ARCHITECTURE.md'])(
  'each file that %s links to is there',
  (path) => {
    const folder = resolve(import.meta.dirname, '../..', path, '..');
    const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) =>
      resolve(folder, link),
    );
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  },
);
