import { type ConfigurationOptions, Observable, type ObservableMiddleware } from '@kubernetes/client-node';

type Options = ConfigurationOptions<ObservableMiddleware>;

/**
 * One call of the client, which takes no signal; rejects when `signal` aborts. The client first asks the user's plugin for
 * credentials, which may hang, and whose message may hold anything: its failure is told without it.
 */
export async function callWithSignal<Value>(
  signal: AbortSignal,
  call: (options: Options) => Promise<Value>,
): Promise<Value> {
  let hasCredentials = false;
  const middleware: ObservableMiddleware = {
    pre: (context) => {
      hasCredentials = true;
      // One that aborted while the plugin ran keeps the request from being sent.
      context.setSignal(signal);
      return new Observable(Promise.resolve(context));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
  try {
    return await untilAborted(signal, call({ middleware: [middleware], middlewareMergeStrategy: 'append' }));
  } catch (error) {
    throw hasCredentials || signal.aborted ? error : noCredentials(error);
  }
}

/** Whatever comes after the signal counts for nothing. */
function untilAborted<Value>(signal: AbortSignal, call: Promise<Value>): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([call, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** A code is Node's own, as ENOENT of a program or file that is not there. */
function noCredentials(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? `: ${error.code}` : '';
  return new Error(`the kubeconfig's user gave no credentials for the API server${code}`);
}
