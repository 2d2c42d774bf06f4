/** The names in Redis. The two hints' keys are the names of their pub/sub channels too. */
export interface TaskKeys {
  readonly recordPrefix: string;
  readonly ahead: string;
  readonly due: string;
}

/** `prefix` lets several installations share one Redis; it may hold no character that SCAN's pattern reads as a wildcard. */
export function taskKeys(prefix: string): TaskKeys {
  return { recordPrefix: `${prefix}task:`, ahead: `${prefix}tasks:ahead`, due: `${prefix}tasks:due` };
}
