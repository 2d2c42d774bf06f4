interface Closable {
  readonly close: () => unknown;
}

/** Closes with the stack what is being started now, also where another start fails meanwhile. */
export function closeLater<Thing extends Closable>(
  stack: AsyncDisposableStack,
  starting: Promise<Thing>,
): Promise<Thing> {
  stack.defer(async () => {
    const started = await starting.catch(() => null);
    await started?.close();
  });
  return starting;
}
