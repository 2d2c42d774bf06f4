/** What keeps the tasks in Supabase right. The memory server alone can do without one; the product has no such switch. */
export const taskProtections = [
  /** Off: an older stamp is taken. */
  'compare_and_set',
  /** Off: a sync may change a final row. */
  'final_is_final',
  /** Off: the same stamp again is called stale. */
  'same_stamp_applies',
  /** Off: a sync and a read find the row by its correlation_id alone. */
  'row_id',
  /** Off: a user's sync finds any user's row. */
  'ownership',
  /** Off: the day's count is looked at before the insert and written after it, each in a step of its own. */
  'charge_in_insert',
  /** Off: an owner's update is stamped with the clock alone. */
  'monotonic_row_stamp',
] as const;

export type TaskProtection = (typeof taskProtections)[number];
