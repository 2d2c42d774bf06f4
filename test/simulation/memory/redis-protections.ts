/** What the records' scripts guard against, each of which the memory server can do without: the mutants of the simulation. */
export const recordProtections = [
  /** update and hand_back ask whose claim it is. */
  'fencing',
  /** A stamp passes the record's last one, whatever the clock says. */
  'monotonic_stamp',
  /** A claim makes no record. */
  'claim_needs_record',
  /** A record is put back only before the claim's end. */
  'resume_within_claim',
  /** What waits too long, or whose claim ran out, is found due. */
  'due_at',
  /** confirm counts only for the record that was sent: its id, a stamp it has reached, its status at that stamp. */
  'confirm_condition',
  /** rebase counts only while the stamp is the one that was sent. */
  'rebase_condition',
  /** release wants due_at as it was seen, and that it has passed. */
  'release_condition',
  /** update and claim change nothing of a task that ended. */
  'final_sticks_in_redis',
  /** A claim is told the checkpoint. */
  'claim_tells_checkpoint',
  /** A put-back brings the checkpoint back. */
  'checkpoint_put_back',
  /** The attempts count anew only when a checkpoint has more ticks. */
  'attempts_by_progress',
  /** An attempt that failed counts. */
  'spent_counts',
  /** What has ended keeps no checkpoint. */
  'end_forgets_checkpoint',
] as const;

export type RecordProtection = (typeof recordProtections)[number];
