import { randomUUID } from 'node:crypto';
import type { ActiveRow } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { SyncAnswer, Task, TaskKey, TaskUpdate } from '@tickwork/task/task';
import { TaskError } from '../../../services/gateway/src/tasks/errors.ts';
import { newTask, open, type TasksUnderTest, type TestUser } from '../tasks/given.ts';
import { type Named, type Sent, type Step, slots } from './steps.ts';

/** One of two databases that go through the same steps. What it tells of a step has no id and no time in it. */
export interface Twin {
  /** Begins with a task in every slot, goes through the steps, and leaves no task behind. */
  run(names: readonly string[], steps: readonly Step[]): Promise<unknown[]>;
}

/** The correlation_ids of the slots, in their order. */
export const newNames = (): string[] => Array.from({ length: slots }, () => randomUUID()).sort();

export async function createTwin(tasks: TasksUnderTest): Promise<Twin> {
  const people = [await tasks.newUser(), await tasks.newUser()] as const;
  return {
    async run(names, steps) {
      const told: unknown[] = [];
      const take = createLife(tasks, people, names);
      const first = names.map((_, slot): Step => ({ call: 'insert', slot, who: 'owner' }));
      for (const step of [...first, ...steps]) told.push(await take(step));
      for (const { owner } of people) for (const name of names) await owner.remove(name);
      return told;
    },
  };
}

type People = readonly [TestUser, TestUser];

/** Takes one step after another, and tells of each. */
function createLife({ reconciler }: TasksUnderTest, people: People, names: readonly string[]) {
  /** Of each slot, the ids of its rows one after another, and the stamp of the row that is there. */
  const ids = names.map((): string[] => []);
  const stamps = new Map<number, number>();
  const person = (slot: number, who: 'owner' | 'other') =>
    people[(slot + Number(who === 'other')) % 2 === 0 ? 0 : 1];
  const nameOf = (slot: number) => names[slot] ?? '';

  function keyOf({ slot, row }: Named): TaskKey {
    const known = { current: ids[slot]?.at(-1), former: ids[slot]?.at(-2), unknown: undefined };
    return { correlationId: nameOf(slot), id: known[row] ?? '00000000-0000-4000-8000-000000000000' };
  }

  function updateOf({ offset, slot, row, ...content }: Sent): TaskUpdate {
    return { ...keyOf({ slot, row }), ...content, updatedAt: (stamps.get(slot) ?? 1e15) + offset };
  }

  /** How far a stamp is from the row's before this step. By an owner's hand it is the clock's, or the next one after. */
  function distance(step: Step, slot: number, stamp: number | null): number | string | null {
    const before = stamps.get(slot);
    if (stamp === null || before === undefined) return stamp && 'new';
    const byHand = step.call === 'touch' || step.call === 'change';
    return byHand && stamp - before > 1 ? 'the clock' : stamp - before;
  }

  function tellRow(step: Step, row: Task | ActiveRow) {
    const { id, correlationId, userId, ...content } = row;
    const slot = names.indexOf(correlationId);
    if (!ids[slot]?.includes(id)) ids[slot]?.push(id);
    const { createdAt: _, updatedAt, ...rest } = { createdAt: '', ...content };
    const stamp = typeof updatedAt === 'string' ? stampFromTimestamp(updatedAt) : updatedAt;
    const user = people.findIndex((one) => one.id === userId);
    return { ...rest, slot, user, row: ids[slot]?.indexOf(id), stamp: distance(step, slot, stamp) };
  }

  function tellAnswer(step: Step, { correlationId, updatedAt, ...rest }: SyncAnswer) {
    const slot = names.indexOf(correlationId);
    return { ...rest, slot, stamp: distance(step, slot, updatedAt) };
  }

  async function call(step: Step): Promise<unknown> {
    switch (step.call) {
      case 'insert': {
        const { id, tasks } = person(step.slot, step.who);
        return tellRow(step, await tasks.insert(newTask(id, { correlationId: nameOf(step.slot) })));
      }
      case 'remove':
      case 'touch':
        return person(step.slot, step.who).owner[step.call](nameOf(step.slot));
      case 'change':
        return person(step.slot, step.who).owner.update(nameOf(step.slot), step.change);
      case 'sync': {
        const row = await person(step.sent.slot, step.who).tasks.sync(updateOf(step.sent), open);
        return row && tellRow(step, row);
      }
      case 'syncBatch': {
        const answers = await reconciler.syncBatch(step.batch.map(updateOf), open);
        return answers.map((answer) => tellAnswer(step, answer));
      }
      case 'readRows': {
        const rows = await reconciler.readRows(step.names.map(keyOf), open);
        return [...rows.values()].map((row) => tellRow(step, row));
      }
      case 'activeRows': {
        const rows = await reconciler.activeRows(nameOf(step.after), step.minAgeMs, step.limit, open);
        return rows.map((row) => tellRow(step, row));
      }
    }
  }

  /** The answer, and every row as it then stands. */
  return async function take(step: Step) {
    const answer = await call(step).catch((error: unknown) => {
      if (error instanceof TaskError) return { refused: error.code };
      throw error;
    });
    const lists = await Promise.all(people.map(({ tasks }) => tasks.list({ limit: slots }, open)));
    const rows = lists.flat();
    const told = { answer, rows: rows.map((row) => tellRow(step, row)) };
    stamps.clear();
    for (const row of rows) stamps.set(names.indexOf(row.correlationId), stampFromTimestamp(row.updatedAt));
    return told;
  };
}
