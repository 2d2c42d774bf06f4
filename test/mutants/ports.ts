import type { DispatchableRow, ReconcilerTasks, TaskRecords, TaskReports } from '@tickwork/task/ports';

// Protections that lie in the product's own code are off in what a process sees of its servers.

/** The agent starts before its claim was answered, whatever the answer is. */
export function workBeforeClaim(reports: TaskReports): TaskReports {
  return {
    claim: async (claim) => {
      reports.claim(claim).catch(() => {});
      return { claimed: true, attempt: 1, checkpoint: null };
    },
    report: (claim, progress) => reports.report(claim, progress),
    end: (claim, end) => reports.end(claim, end),
    heartbeat: (claim) => reports.heartbeat(claim),
    handBack: (claim, handBack) => reports.handBack(claim, handBack),
  };
}

/** What is due is published by what was known of its row before, as if nobody had ended it since. */
export function publishBeforeRow(tasks: ReconcilerTasks): ReconcilerTasks {
  const known = new Map<string, DispatchableRow>();
  return {
    syncBatch: (updates, signal) => tasks.syncBatch(updates, signal),
    activeRows: (after, minAgeMs, limit, signal) => tasks.activeRows(after, minAgeMs, limit, signal),
    readRows: async (keys, signal) => {
      const rows = await tasks.readRows(keys, signal);
      for (const row of rows.values()) {
        known.set(row.id, { ...row, status: 'pending', updatedAt: Number.MAX_SAFE_INTEGER });
      }
      const named = keys.flatMap(({ id }) => known.get(id) ?? []);
      return new Map(named.map((row) => [row.correlationId, row]));
    },
  };
}

/** The scan never takes along what is quiet. */
export function noQuietCheck(records: TaskRecords): TaskRecords {
  return {
    seed: (seed) => records.seed(seed),
    scheduleDispatch: (key, waitMs) => records.scheduleDispatch(key, waitMs),
    read: (correlationIds) => records.read(correlationIds),
    scanStep: (cursor) => records.scanStep(cursor),
    hinted: (limit) => records.hinted(limit),
    confirm: (sent) => records.confirm(sent),
    settle: (key) => records.settle(key),
    rebase: (sent, rowUpdatedAt) => records.rebase(sent, rowUpdatedAt),
    fail: (sent, error) => records.fail(sent, error),
    reopen: (key, rowUpdatedAt) => records.reopen(key, rowUpdatedAt),
    release: (record) => records.release(record),
  };
}

/** Each worker counts its claims. */
export function countedTokens(): () => string {
  let last = 0;
  return () => String(++last);
}
