/** The product's own settings, made smaller so that a schedule is short; what must agree with what is kept. Milliseconds. */
export const settings = {
  claimMs: 6000,
  stopPatienceMs: 2000,
  maxAttempts: 3,
  taskTimeoutMs: 600_000,
  /** Longer than an agent of the simulation is silent. */
  tickTimeoutMs: 120_000,
  resultLimitBytes: 1_048_576,
  concurrency: 2,
  dispatchBudgetMs: 300,
  seedLimitMs: 3000,
  seedWaitMs: 8000,
  dispatchWaitMs: 15_000,
  longestWaitMs: 60_000,
  publishTimeoutMs: 5000,
  publishRetryMs: 2000,
  recordTimeoutMs: 250,
  settleLimitMs: 500,
  recordTtlSeconds: 120,
  scanCount: 3,
  hintsPerPass: 4,
  rowsPerPage: 2,
  /** Longer than seedLimitMs and the longest way of a seed together. */
  repairMinAgeMs: 12_000,
  quietAgeMs: 8000,
  scan: { share: 0.25, longestPauseMs: 500, mostRestarts: 2 },
  intervalsMs: { hints: 2000, scan: 10_000, quiet: 10_000, repair: 10_000 },
} as const;

/** How long an agent may run on after its task ended in Supabase alone, while nothing is away: the quiet check, and a heartbeat. */
export const longestQuietMs =
  settings.quietAgeMs + settings.intervalsMs.quiet + settings.claimMs / 3 + 4 * 5000;
