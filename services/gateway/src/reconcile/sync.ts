import type { ReconcilerTasks } from '@tickwork/task/ports';
import type { SyncAnswer, TaskRecord } from '@tickwork/task/task';

const mostItems = 200;
const mostCharacters = 1_000_000;

/** Cuts records into batches that Supabase takes in one call: few enough, and together not too large unless one alone is. */
export function inBatches(records: readonly TaskRecord[]): TaskRecord[][] {
  const batches: TaskRecord[][] = [];
  let batch: TaskRecord[] = [];
  let characters = 0;
  for (const record of records) {
    const size = (record.result?.length ?? 0) + (record.error?.length ?? 0);
    if (batch.length > 0 && (batch.length === mostItems || characters + size > mostCharacters)) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(record);
    characters += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

/**
 * Syncs a batch. One that Supabase refuses for its content as a whole is halved until the item at fault stands alone, and is
 * invalid; any other failure is Supabase's, and throws.
 */
export async function syncHalving(
  records: readonly TaskRecord[],
  syncBatch: ReconcilerTasks['syncBatch'],
  isContentFault: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<SyncAnswer[]> {
  try {
    return [...(await syncBatch(records, signal))];
  } catch (error) {
    const [first] = records;
    if (!first || !isContentFault(error)) throw error;
    if (records.length === 1) {
      return [{ correlationId: first.correlationId, outcome: 'invalid', status: null, updatedAt: null }];
    }
    const half = Math.ceil(records.length / 2);
    const halves = [records.slice(0, half), records.slice(half)];
    const answers: SyncAnswer[] = [];
    for (const part of halves) answers.push(...(await syncHalving(part, syncBatch, isContentFault, signal)));
    return answers;
  }
}
