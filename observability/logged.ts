import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The texts in the sources that log something, of one service and of what all of them share: a log can hold no other message. */
export function textsLoggedBy(service: 'gateway' | 'worker'): string[] {
  const files = globSync(`services/{${service},runtime}/src/**/*.ts`, { cwd: root });
  return files
    .filter((file) => !/\.(test|harness)\.ts$/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8').replaceAll(/^import .*?;$/gms, ''))
    .filter((source) => /\blog(ger)?\b/i.test(source))
    .flatMap((source) => [...source.matchAll(/'([^'\n]*)'|`([^`]*)`/g)])
    .map(([, quoted, template]) => quoted ?? template ?? '');
}
