/** Messages that the broker has not confirmed yet, by message id. */
export interface Pending {
  /** `confirmed` rejects when `signal` aborts first. */
  add(name: string, signal: AbortSignal): { readonly id: string; readonly confirmed: Promise<void> };
  /** The first answer counts; one that comes later, or for nobody, is passed over. Null: confirmed. */
  settle(id: string, failure: unknown): void;
  failAll(error: Error): void;
}

export function createPending(): Pending {
  const settlers = new Map<string, (failure: unknown) => void>();
  let sequence = 0;

  function add(name: string, signal: AbortSignal) {
    const id = `${name}:${++sequence}`;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const expire = () => settle(id, new Error('the broker did not confirm in time'));
    settlers.set(id, (failure) => {
      settlers.delete(id);
      signal.removeEventListener('abort', expire);
      if (failure === null) resolve();
      else reject(failure);
    });
    signal.addEventListener('abort', expire, { once: true });
    if (signal.aborted) expire();
    return { id, confirmed: promise };
  }

  const settle = (id: string, failure: unknown) => settlers.get(id)?.(failure);

  return {
    add,
    settle,
    failAll: (error) => {
      for (const fail of [...settlers.values()]) fail(error);
    },
  };
}
