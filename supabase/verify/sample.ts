import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** A sample task through its life, as each role in turn. Each step throws when the project does otherwise. */
export type Step = readonly [what: string, run: () => Promise<void>];

const migrations = join(import.meta.dirname, '../migrations');

/** `client` is in a transaction, as the project's owner; whoever began it rolls it back. */
export function sampleTask(client: pg.Client): readonly Step[] {
  const [owner, other, correlationId] = [randomUUID(), randomUUID(), randomUUID()];

  async function become(role: string, sub?: string): Promise<void> {
    const claims = JSON.stringify({ role, ...(sub && { sub }) });
    await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      claims,
    ]);
  }
  async function expectRows(
    wanted: number,
    sql: string,
    parameters: unknown[] = [],
  ): Promise<pg.QueryResult> {
    const answer = await client.query(sql, parameters);
    if (answer.rowCount !== wanted) throw new Error(`${answer.rowCount} rows instead of ${wanted}: ${sql}`);
    return answer;
  }
  async function expectRefusal(sql: string): Promise<void> {
    await client.query('savepoint refusal');
    const refused = await client.query(sql).then(
      () => false,
      () => true,
    );
    await client.query('rollback to savepoint refusal');
    if (!refused) throw new Error(`it was taken: ${sql}`);
  }

  return [
    [
      'two users are made, with a profile each',
      async () => {
        for (const id of [owner, other]) {
          await client.query('insert into auth.users (id, email) values ($1, $2)', [
            id,
            `${id}@example.invalid`,
          ]);
          await client.query(
            `insert into public.profiles (user_id, daily_tick_limit) values ($1, 9)
             on conflict (user_id) do update set daily_tick_limit = 9`,
            [id],
          );
        }
      },
    ],
    [
      'the settings are there',
      async () =>
        void (await expectRows(
          1,
          'update internal.settings set active_task_limit = greatest(active_task_limit, 1)',
        )),
    ],
    [
      'the newest migration is there',
      async () => {
        await become('authenticated', owner);
        const newest = readdirSync(migrations).sort().at(-1)?.replace('.sql', '');
        const { rows } = await expectRows(1, 'select public.tickwork_schema() as name');
        if (rows[0].name !== newest) throw new Error(`it is ${rows[0].name}; must be ${newest}`);
      },
    ],
    [
      'a user inserts a task, and it starts as the database says',
      async () => {
        await client.query(
          `insert into public.tasks (correlation_id, user_id, mandate, status, updated_at)
           values ($1, $2, 'a sample', 'completed', '2100-01-01')`,
          [correlationId, owner],
        );
        await expectRows(1, "select from public.tasks where status = 'pending' and updated_at = now()");
      },
    ],
    [
      'it cost one of the quota',
      async () => {
        await expectRows(1, 'select from public.user_daily_usage where ticks_used = 1');
        await expectRefusal('update public.user_daily_usage set ticks_used = 0');
        await expectRefusal('update public.profiles set daily_tick_limit = 1000');
      },
    ],
    [
      'another user has no part in it',
      async () => {
        await become('authenticated', other);
        await expectRows(0, 'select from public.tasks');
        await expectRows(0, "update public.tasks set status = 'cancelled'");
        await expectRows(0, 'delete from public.tasks');
        await expectRows(0, 'select from public.user_daily_usage');
        await expectRefusal(
          `insert into public.tasks (correlation_id, user_id, mandate) values ('${randomUUID()}', '${owner}', 'm')`,
        );
      },
    ],
    [
      'anon has no part in it',
      async () => {
        await become('anon');
        for (const table of ['tasks', 'profiles', 'user_daily_usage'])
          await expectRefusal(`select from public.${table}`);
        await expectRefusal("select public.sync_tasks('[]')");
      },
    ],
    [
      'task_reconciler syncs it',
      async () => {
        // The role's maker may grant it, and need not have it.
        await client.query("select set_config('role', 'none', true)");
        await client.query('grant task_reconciler to session_user');
        await become('task_reconciler');
        const read =
          'select id, correlation_id, internal.to_us(updated_at) + 1 as updated_us from public.tasks where correlation_id = $1';
        const { rows } = await expectRows(1, read, [correlationId]);
        const update = {
          ...rows[0],
          updated_us: Number(rows[0].updated_us),
          status: 'completed',
          tick: 1,
          result: '{}',
        };
        await expectRows(
          1,
          `select from jsonb_array_elements(public.sync_tasks($1)) a where a ->> 'outcome' = 'applied'`,
          [JSON.stringify([update])],
        );
        await expectRefusal('delete from public.tasks');
      },
    ],
    [
      'its user sees what was synced, and changes it no more',
      async () => {
        await become('authenticated', owner);
        await expectRows(1, "select from public.tasks where status = 'completed' and tick = 1");
        await expectRefusal("update public.tasks set status = 'pending'");
      },
    ],
    ['its user deletes it', async () => void (await expectRows(1, 'delete from public.tasks'))],
  ];
}
