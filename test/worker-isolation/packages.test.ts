import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foreignPackage, foreignWord } from './foreign.ts';
import { installedPackages, packageName, root } from './installed-packages.ts';

const packages = installedPackages('services/worker');

test('what npm installs for a worker is known in full: the list holds what lies deep in it', () => {
  const names = packages.map(packageName);
  expect(names).toEqual(expect.arrayContaining(['@tickwork/runtime', '@tickwork/task', 'ioredis', 'denque']));
  expect(names.length).toBeGreaterThan(50);
});

test('the same list for the gateway holds what a worker may not have', () => {
  const names = installedPackages('services/gateway').map(packageName);
  expect(names.filter((name) => foreignPackage.test(name))).toEqual(
    expect.arrayContaining(['@supabase/supabase-js', '@supabase/postgrest-js', '@tickwork/gateway']),
  );
});

test('none of a worker’s packages is of Supabase, a client of its database, or the gateway', () => {
  expect(packages.map(packageName).filter((name) => foreignPackage.test(name))).toEqual([]);
});

test('no file of theirs speaks of Supabase, under whatever name it comes', () => {
  const speaking = packages
    .filter((folder) => folder.startsWith('node_modules/'))
    .flatMap((folder) => codeOf(join(root, folder)))
    .filter((file) => foreignWord.test(readFileSync(file, 'utf8')));
  expect(speaking).toEqual([]);
});

/** Its own code: what lies in a node_modules of its own is another package. */
function codeOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : codeOf(path);
    return /\.([cm]?js|json|node|wasm)$/.test(entry.name) ? [path] : [];
  });
}
