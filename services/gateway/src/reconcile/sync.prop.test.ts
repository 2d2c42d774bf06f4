import type { SyncAnswer, TaskRecord, TaskUpdate } from '@tickwork/task/task';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inBatches, syncHalving } from './sync.ts';

const record = (index: number, size = 0): TaskRecord => ({
  correlationId: `c${index}`,
  id: `i${index}`,
  userId: 'u',
  status: 'in_progress',
  tick: 1,
  result: 'x'.repeat(size),
  error: null,
  updatedAt: 2,
  syncedAt: 1,
  claim: '',
  attempts: 1,
  dueAt: 0,
  traceparent: null,
});
const records = fc
  .array(fc.nat({ max: 600_000 }), { maxLength: 450 })
  .map((sizes) => sizes.map((size, index) => record(index, size % 7 === 0 ? size : 0)));
const applied = (update: TaskUpdate): SyncAnswer => ({
  correlationId: update.correlationId,
  outcome: 'applied',
  status: update.status,
  updatedAt: update.updatedAt,
});

test('batches keep every record, in order, within both limits', () => {
  fc.assert(
    fc.property(records, (list) => {
      const batches = inBatches(list);
      expect(batches.flat()).toEqual(list);
      for (const batch of batches) {
        const characters = batch.reduce((sum, { result }) => sum + (result?.length ?? 0), 0);
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(200);
        expect(batch.length === 1 || characters <= 1_000_000).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test('content that Supabase refuses makes its own item invalid, and no other', async () => {
  const fault = new Error('content');
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 40 })), fc.nat({ max: 40 }), async (indexes, bad) => {
      const list = indexes.map((index) => record(index));
      const syncBatch = async (updates: readonly TaskUpdate[]) => {
        if (updates.some(({ correlationId }) => correlationId === `c${bad}`)) throw fault;
        return updates.map(applied);
      };
      const signal = new AbortController().signal;
      const answers = await syncHalving(list, syncBatch, (error) => error === fault, signal);
      expect(answers.map(({ correlationId }) => correlationId)).toEqual(
        list.map((item) => item.correlationId),
      );
      const invalid = answers
        .filter(({ outcome }) => outcome === 'invalid')
        .map((answer) => answer.correlationId);
      expect(invalid).toEqual(indexes.includes(bad) ? [`c${bad}`] : []);
    }),
  );
});

test('a failure that is not the content throws: nothing is called invalid because Supabase is away', async () => {
  const syncBatch = async () => Promise.reject(new Error('away'));
  const signal = new AbortController().signal;
  await expect(syncHalving([record(1)], syncBatch, () => false, signal)).rejects.toThrow('away');
});
