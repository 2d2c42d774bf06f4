import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stackFolder } from '../stack/state.ts';
import type { Cut } from './mutants.ts';

const root = resolve(import.meta.dirname, '../..');
const copied = ['services', 'supabase', 'test', 'package.json', 'tsconfig.json'];
const workspaces = {
  task: 'services/task',
  runtime: 'services/runtime',
  gateway: 'services/gateway',
  worker: 'services/worker',
};

export interface PatchedCopy {
  readonly folder: string;
  remove(): void;
}

/** A copy of the product and its tests, with these pieces cut out; packages are those of the original. Throws for a cut that finds nothing. */
export function makeCopy(name: string, cuts: readonly Cut[]): PatchedCopy {
  const folder = join(stackFolder, 'mutants', name);
  rmSync(folder, { recursive: true, force: true });
  for (const part of copied) {
    const filter = (source: string) => !/node_modules|test\/bench\/out/.test(source);
    cpSync(join(root, part), join(folder, part), { recursive: true, filter });
  }
  linkPackages(folder);
  for (const cut of cuts) apply(folder, cut);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function linkPackages(folder: string): void {
  const link = (target: string, path: string) => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry === '@tickwork' || entry.startsWith('.vite')) continue;
    link(join(root, 'node_modules', entry), join(folder, 'node_modules', entry));
  }
  for (const [name, path] of Object.entries(workspaces)) {
    link(join(folder, path), join(folder, 'node_modules/@tickwork', name));
    const own = join(root, path, 'node_modules');
    if (existsSync(own)) link(own, join(folder, path, 'node_modules'));
  }
}

function apply(folder: string, { file, find, replace }: Cut): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} must hold this once: ${find}`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
