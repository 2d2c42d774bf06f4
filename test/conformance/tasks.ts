import { beforeAll, describe } from 'vitest';
import { describeBatch } from './tasks/batch.ts';
import { describeOwner } from './tasks/direct.ts';
import { describeEnds, describeLists } from './tasks/ends.ts';
import { type CreateTasks, type TasksUnderTest, wide } from './tasks/given.ts';
import { describeInsert } from './tasks/insert.ts';
import { describeQuota } from './tasks/quota.ts';
import { describeReconcilerReads, describeUserReads } from './tasks/reads.ts';
import { describeCompareAndSet, describeUserSync } from './tasks/sync.ts';

/** What UserTasks, ReconcilerTasks and an owner's own changes must do, over whatever `create` gives. */
export function describeTasks(name: string, create: CreateTasks): void {
  describe(name, () => {
    describe('within wide limits', () => {
      let made: TasksUnderTest;
      beforeAll(async () => {
        made = await create(wide);
      });
      const tasks = () => made;
      describe('an insert', () => describeInsert(tasks));
      describe('a user reads', () => describeUserReads(tasks));
      describe('a sync', () => describeCompareAndSet(tasks));
      describe('a user’s sync', () => describeUserSync(tasks));
      describe('a batch', () => describeBatch(tasks));
      describe('the reconciler reads', () => describeReconcilerReads(tasks));
      describe('a list', () => describeLists(tasks));
      describe('an end through the gateway', () => describeEnds(tasks));
      describe('an owner', () => describeOwner(tasks));
    });
    describe('a quota', () => describeQuota(create));
  });
}
