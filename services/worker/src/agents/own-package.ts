import { registerHooks } from 'node:module';

const name = '@tickwork/worker/';

/**
 * Lets a module import this package wherever it lies, and gives it what this process itself runs: an AgentError that it throws is
 * then the class that is caught here, also where the module has a copy of its own.
 */
export function shareOwnPackage(): void {
  registerHooks({
    resolve: (asked, context, next) =>
      next(asked, asked.startsWith(name) ? { ...context, parentURL: import.meta.url } : context),
  });
}
