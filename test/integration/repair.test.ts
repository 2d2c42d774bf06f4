import type { Claim } from '@tickwork/task/ports';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { another, given, started } from '../conformance/records-tasks.ts';
import { createPassesOnServers, type PassesOnServers } from './reconciler-passes.ts';

let all: PassesOnServers;
let task: Claim;
beforeAll(async () => {
  all = await createPassesOnServers();
});
afterAll(() => all.close());
beforeEach(async () => {
  await all.redis.flushall();
  await all.table().delete().not('id', 'is', null);
  all.published.length = 0;
  task = await all.insert();
});

/** Whatever it was: it comes to rest, and nobody is called again. */
afterEach(async () => {
  await all.run('scan', 'quiet', 'repair', 'scan');
  expect(await all.run('scan', 'quiet', 'repair')).toEqual([]);
});

/** As the gateway does after the insert, with the row's own stamp: held nobody's, due at once where the message was lost. */
async function seed(waitMs = 60_000): Promise<void> {
  expect(await all.run('repair')).toEqual(['seed no_record']);
  await all.redis.hset(`task:${task.correlationId}`, { claim: '' });
  if (waitMs === 0) await all.makeDue(task);
}

/** A worker has it, and Supabase knows. */
async function running(): Promise<void> {
  await seed();
  await all.records.claim(task);
  expect(await all.run('scan')).toEqual(['confirm applied']);
}

const complete = () =>
  all.records.end(task, { status: 'completed', result: '{"success":true}', error: null });
const expectPublished = () =>
  expect(all.published).toMatchObject([{ correlationId: task.correlationId, id: task.id, mandate: 'One.' }]);
const expectSettled = async () => {
  expect(await all.record(task)).toMatchObject({ status: 'cancelled' });
  expect(await all.redis.ttl(`task:${task.correlationId}`)).toBeGreaterThan(60);
};

describe('a task that nobody has', () => {
  test('never dispatched: its row gets a record that is held, and is published once that is due', async () => {
    expect(await all.run('repair')).toEqual(['seed no_record']);
    expect(await all.record(task)).toMatchObject({ claim: '-', status: 'pending' });
    expect(await all.run('repair', 'scan')).toEqual([]);
    expect(all.published).toEqual([]);
    await all.makeDue(task);
    expect(await all.run('scan')).toEqual(['dispatch put_back']);
    expectPublished();
  });

  test('whose message was lost is published again', async () => {
    await seed(0);
    expect(await all.run('hints', 'scan')).toEqual(['dispatch not_claimed']);
    expectPublished();
  });

  test('whose worker was lost is published, and once another has it that worker writes nothing more', async () => {
    await running();
    await all.makeDue(task);
    expect(await all.run('scan')).toEqual(['dispatch claim_ran_out']);
    expectPublished();
    expect(await all.records.claim(another(task))).toEqual(given(2));
    expect(await complete()).toBe('stop');
    expect(await all.run('scan')).toEqual(['confirm applied']);
    expect((await all.row(task))?.status).toBe('accepted');
  });

  test('poison: after its last attempt it ends in error', async () => {
    await running();
    await all.makeDue(task);
    await all.records.claim(another(task));
    await all.run('scan');
    await all.makeDue(task);
    expect(await all.run('scan', 'scan')).toEqual(['dispatch claim_ran_out', 'confirm applied']);
    expect(all.published).toEqual([]);
    expect(await all.row(task)).toMatchObject({
      status: 'error',
      error: expect.stringContaining('2 attempts'),
    });
  });
});

describe('a Redis that was flushed', () => {
  beforeEach(async () => {
    await running();
    await all.redis.flushall();
    expect(await all.run('repair')).toEqual(['seed no_record']);
  });

  test('gets its record back, and a worker that runs goes on', async () => {
    expect(await all.records.heartbeat(task)).toBe('written');
    expect(await all.run('scan')).toEqual(['confirm applied']);
    await complete();
    await all.run('scan');
    expect(await all.row(task)).toMatchObject({ status: 'completed', result: { success: true } });
    expect(all.published).toEqual([]);
  });

  test('where no worker comes back it is published once the hold is over', async () => {
    await all.makeDue(task);
    expect(await all.run('scan')).toEqual(['dispatch put_back']);
    expectPublished();
  });
});

describe('while a quiet worker runs', () => {
  test.each([
    ['deleted', () => all.table().delete().eq('id', task.id), 'row_missing'],
    ['cancelled', () => all.table().update({ status: 'cancelled' }).eq('id', task.id), 'row_final'],
  ])('a task that is %s in Supabase itself stops there', async (_, change, reason) => {
    await running();
    expect((await change()).error).toBeNull();
    expect(await all.run('scan')).toEqual([]);
    expect(await all.run('quiet')).toEqual([`settle ${reason}`]);
    await expectSettled();
    expect(await all.records.heartbeat(task)).toBe('stop');
  });
});

describe('a write that Supabase does not take as it is', () => {
  test('stale against a row that its owner touched comes after it', async () => {
    await running();
    await all.records.report(task, started);
    expect((await all.table().update({ tick: 1 }).eq('id', task.id)).error).toBeNull();
    expect(await all.run('scan', 'scan')).toEqual(['rebase row_newer', 'confirm applied']);
    expect(await all.row(task)).toMatchObject({ status: 'started', tick: 1 });
  });

  test('stale against a row that ended settles the record', async () => {
    await running();
    await all.table().update({ status: 'cancelled' }).eq('id', task.id);
    await all.records.report(task, started);
    expect(await all.run('scan')).toEqual(['settle row_final']);
    await expectSettled();
  });

  test('a stamp more than a day ahead is brought back, told as a wrong clock, and the write is not lost', async () => {
    await running();
    await complete();
    const ahead = Date.now() * 1000 + 2 * 86_400_000_000;
    await all.redis.hset(`task:${task.correlationId}`, { updated_at: ahead });
    expect(await all.run('scan', 'scan')).toEqual(['rebase clock_wrong', 'confirm applied']);
    expect(await all.row(task)).toMatchObject({ status: 'completed' });
  });

  test('not storable: it ends in error, with a text that is safe to show', async () => {
    await running();
    await all.records.end(task, { status: 'completed', result: '{"broken', error: null });
    expect(await all.run('scan', 'scan')).toEqual(['fail not_storable', 'confirm applied']);
    const error = 'the result could not be stored';
    expect(await all.row(task)).toMatchObject({ status: 'error', error, result: null });
  });
});

describe('a record that was left behind', () => {
  test('by a late seed for a task that has ended is settled, not run', async () => {
    await seed(0);
    await all.table().update({ status: 'cancelled' }).eq('id', task.id);
    expect(await all.run('scan')).toEqual(['settle row_final']);
    expect(all.published).toEqual([]);
    await expectSettled();
  });

  test('by a failover, ahead, for a row that is gone is settled', async () => {
    await running();
    await all.table().delete().eq('id', task.id);
    await complete();
    expect(await all.run('scan')).toEqual(['settle row_missing']);
    expect(await all.redis.ttl(`task:${task.correlationId}`)).toBeGreaterThan(60);
    expect(await all.row(task)).toBeNull();
  });

  test('by a deleted task whose correlation_id came back gives way to the new one', async () => {
    await running();
    await all.table().delete().eq('id', task.id);
    const next = await all.insert(task.correlationId);
    expect(await all.run('repair', 'repair')).toEqual(['settle row_missing', 'seed other_life']);
    expect(await all.record(next)).toMatchObject({ id: next.id, claim: '-', status: 'pending' });
    expect(await all.records.heartbeat(task)).toBe('stop');
  });
});

describe('a database that was restored to an older state', () => {
  const set = "update public.tasks set status = 'accepted', result = null";
  const anHourBack = `${set}, updated_at = updated_at - interval '1 hour'`;

  test('takes a final status again that it had lost', async () => {
    await running();
    await complete();
    expect(await all.run('scan')).toEqual(['confirm applied']);
    await all.restore(task, anHourBack);
    expect(await all.run('repair', 'scan')).toEqual(['reopen row_behind', 'confirm applied']);
    expect(await all.row(task)).toMatchObject({ status: 'completed', result: { success: true } });
  });

  test('takes it too where the row has the same stamp, or a later one', async () => {
    await running();
    await complete();
    expect(await all.run('scan')).toEqual(['confirm applied']);
    await all.restore(task, `${set}, updated_at = updated_at + interval '1 second'`);
    expect(await all.run('repair', 'scan', 'scan')).toEqual([
      'reopen row_not_final',
      'rebase row_newer',
      'confirm applied',
    ]);
    expect(await all.row(task)).toMatchObject({ status: 'completed' });
  });

  test.each(['repair', 'quiet'] as const)(
    'gets the progress of a task that runs, found by %s',
    async (pass) => {
      await running();
      await all.records.report(task, started);
      expect(await all.run('scan')).toEqual(['confirm applied']);
      await all.restore(task, anHourBack);
      expect(await all.run(pass, 'scan')).toEqual(['reopen row_behind', 'confirm applied']);
      expect(await all.row(task)).toMatchObject({ status: 'started' });
    },
  );

  test('a task that is due is not run before the row has what was known of it', async () => {
    await running();
    await all.restore(
      task,
      "update public.tasks set status = 'pending', updated_at = updated_at - interval '1 hour'",
    );
    await all.makeDue(task);
    expect(await all.run('scan', 'scan', 'scan')).toEqual([
      'reopen row_behind',
      'confirm applied',
      'dispatch claim_ran_out',
    ]);
    expectPublished();
  });

  test('settles a task that the older state does not know', async () => {
    await running();
    await all.restore(task, 'delete from public.tasks');
    expect(await all.run('quiet')).toEqual(['settle row_missing']);
    expect(await all.records.heartbeat(task)).toBe('stop');
  });
});

test('a key by hand under the name of a task gives way to its record: no task is lost to it', async () => {
  await all.redis.set(`task:${task.correlationId}`, 'by hand');
  expect(await all.run('scan', 'quiet')).toEqual([]);
  expect(await all.run('repair')).toEqual(['seed no_record']);
  expect(await all.record(task)).toMatchObject({ id: task.id, claim: '-' });
});
