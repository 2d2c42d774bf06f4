import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

interface Locked {
  /** A workspace: the package lies at `resolved`. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The folders of all that npm installs for a workspace without its development dependencies, by package-lock.json. */
export function installedPackages(workspace: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = new Set<string>();
  const visit = (place: string) => {
    const { link, resolved = '' } = lock.packages[place] ?? {};
    const folder = link ? resolved : place;
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[folder] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const next = lookUp(lock.packages, folder, name);
      if (next) visit(next);
      // npm leaves out optional ones that do not fit the machine; another that the lock lacks would be a hole in this list.
      else if (dependencies?.[name] && !optionalDependencies?.[name])
        throw new Error(`package-lock.json has no ${name} for ${folder}`);
    }
  };
  visit(workspace);
  return [...found].sort();
}

/** As Node looks for a package: in the node_modules of the folder, then of each folder around it. */
function lookUp(packages: Record<string, Locked>, folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const place = at === '.' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '.') return null;
  }
}

/** A package's name by its folder. */
export const packageName = (folder: string): string => {
  const inside = folder.lastIndexOf('node_modules/');
  return inside < 0 ? `@tickwork/${folder.replace('services/', '')}` : folder.slice(inside + 13);
};
