/** The tasks that run here: whoever hears that something became of one has it looked after. */
export interface Running {
  /** Returns what takes it out again. */
  add(correlationId: string, check: () => void): () => void;
  /** Of all of them, where it isn't known which. */
  check(correlationId: string | null): void;
}

export function createRunning(): Running {
  const checks = new Set<readonly [correlationId: string, check: () => void]>();
  return {
    add(correlationId, check) {
      const entry = [correlationId, check] as const;
      checks.add(entry);
      return () => void checks.delete(entry);
    },
    check(correlationId) {
      for (const [id, check] of checks) if (correlationId === null || id === correlationId) check();
    },
  };
}
