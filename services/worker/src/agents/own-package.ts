import { registerHooks } from 'node:module';

const name = '@tickwork/worker/';

/**
 * Lets a module import this package wherever it lies, and gives it what this process itself runs, also where the module has a copy of
 * its own: nobody has to install the package, or to keep two versions alike.
 */
export function shareOwnPackage(): void {
  registerHooks({
    resolve: (asked, context, next) =>
      next(asked, asked.startsWith(name) ? { ...context, parentURL: import.meta.url } : context),
  });
}
