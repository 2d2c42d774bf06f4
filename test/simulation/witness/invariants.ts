/** What must hold, whatever happens; by the invariant of ARCHITECTURE.md that it belongs to. Each is checked as it could break. */
export const invariants = {
  durable: '[I1] a task whose submit was answered with yes is in Supabase',
  final_kept:
    '[I1] a final status that Redis acknowledged is not overwritten or let go before Supabase has it',
  no_false_sync: '[I1] a final record counts as synced only where its row is final or gone',
  row_stamp: "[I2] a row's stamp never goes back",
  final_row: '[I2] a final row never changes',
  newer_only: '[I2] an older value never replaces a newer one',
  fenced: '[I2] a worker writes nothing after another has claimed its task',
  claimed_once: '[I2] a completed task is not claimed again',
  one_holder: '[I2] no two workers hold one token',
  checkpoint: '[I2] an attempt goes on from the newest checkpoint that Redis took and has',
  not_pushed: '[I2] a worker within its claim is not pushed out',
  work_needs_claim: '[I2] an agent runs only after a claim',
  truth: '[I3] what a user is given was read from Supabase in that request',
  own_value: "[I4] only a task's own values reach its row",
  own_checkpoint: "[I4] an attempt goes on from its own task's checkpoint alone",
  own_rows: "[I4] a user's call changes and shows only rows of that user",
  asked_for: '[I5] a task is cancelled only by its owner',
  ends: '[I5] every task ends, and then nothing of it is left but its row',
  stops: '[I5] an agent whose task has ended in Supabase stops',
  left_behind: '[I5] a record that has ended keeps no checkpoint',
  sent_once: '[I5] what Supabase took is not given another stamp, and sent again and again',
  attempts: '[I5] a task has no more attempts than it may, unless it gets on',
  due_once: '[I5] a record that is due is published by one reconciler, once',
  row_first: '[I5] what has ended is not dispatched',
  quota: '[quota] what a user is charged are the tasks inserted, within the limit',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

/** What happened that the protocol can't undo: each excuses what sync-protocol says it may cost. */
export interface Losses {
  /** How often Redis lost all of its data, or its last writes. */
  flushes: number;
  failovers: number;
  /** How often the database went back to an older state. */
  restores: number;
  /** Redis' clock was set. */
  clockJumps: number;
  /** A stamp of Redis was behind one that it had to pass. */
  lagged: boolean;
  /** A clock was more than a day off. */
  wild: boolean;
}

export const noLosses = (): Losses => ({
  flushes: 0,
  failovers: 0,
  restores: 0,
  clockJumps: 0,
  lagged: false,
  wild: false,
});
