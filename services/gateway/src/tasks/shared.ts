/** One call at a time: whoever asks while one is under way gets its answer. */
export function shared<Value>(call: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | null = null;
  return () => {
    running ??= call().finally(() => {
      running = null;
    });
    return running;
  };
}
