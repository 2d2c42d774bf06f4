import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The URL of a module as a file in `folder` would import it: a package, or a path. Null where there is none. */
export function findModule(specifier: string, folder: string): string | null {
  const parentURL = pathToFileURL(join(folder, 'agent.js')).href;
  // import.meta.resolve takes no parent, but what it asks can be given one.
  const hooks = registerHooks({
    resolve: (asked, context, next) => next(asked, asked === specifier ? { ...context, parentURL } : context),
  });
  try {
    const url = import.meta.resolve(specifier);
    return !url.startsWith('file:') || existsSync(fileURLToPath(url)) ? url : null;
  } catch {
    return null;
  } finally {
    hooks.deregister();
  }
}
