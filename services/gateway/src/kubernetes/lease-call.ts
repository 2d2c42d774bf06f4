import {
  type ConfigurationOptions,
  Observable,
  type ObservableMiddleware,
  type RequestContext,
} from '@kubernetes/client-node';

type Options = ConfigurationOptions<ObservableMiddleware>;

/**
 * How to make a call of the client, which takes no signal; it rejects when `signal` aborts. The client first asks the user's
 * plugin for credentials, which may hang, and whose message may hold anything: its failure is told without it.
 */
export function createCaller() {
  /** Its call was given up. Another beside it would hang too, and they would pile up. */
  let isPluginLate = false;

  return async function call<Value>(
    signal: AbortSignal,
    send: (options: Options) => Promise<Value>,
  ): Promise<Value> {
    if (isPluginLate) throw new Error("the kubeconfig's user still gives no credentials for the API server");
    let hasCredentials = false;
    const sent = send(
      withMiddleware((context) => {
        hasCredentials = true;
        // One that aborted while the plugin ran keeps the request from being sent.
        context.setSignal(signal);
      }),
    );
    try {
      return await untilAborted(signal, sent);
    } catch (error) {
      if (hasCredentials) throw error;
      if (!signal.aborted) throw noCredentials(error);
      isPluginLate = true;
      void sent
        .catch(() => {})
        .then(() => {
          isPluginLate = false;
        });
      throw error;
    }
  };
}

function withMiddleware(before: (context: RequestContext) => void): Options {
  const middleware: ObservableMiddleware = {
    pre: (context) => {
      before(context);
      return new Observable(Promise.resolve(context));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
  return { middleware: [middleware], middlewareMergeStrategy: 'append' };
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
