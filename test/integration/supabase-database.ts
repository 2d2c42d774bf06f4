import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createSupabase } from '../stack/fixture.ts';

/** A database with the schema, on which tests act as each role, the way PostgREST does: `set local role` and the token's claims. */
export type Database = Awaited<ReturnType<typeof createDatabase>>;
export type Row = Record<string, unknown>;
export type Query = (sql: string, parameters?: readonly unknown[]) => Promise<pg.QueryResult<Row>>;
export interface TestTask {
  readonly id: string;
  readonly correlationId: string;
  readonly userId: string;
  /** The row's stamp when it was inserted, in microseconds. */
  readonly stamp: number;
}
export interface Answer {
  readonly correlation_id: string;
  readonly id: string;
  readonly outcome: string;
  readonly status: string | null;
  readonly updated_us: number | null;
}

export const dayUs = 86_400_000_000;
export const reconciler = { role: 'task_reconciler' } as const;
export const anon = { role: 'anon' } as const;
export const user = (sub?: string) => ({ role: 'authenticated', sub }) as const;
export type Caller = typeof reconciler | typeof anon | ReturnType<typeof user>;

export async function createDatabase({ connections = 4 } = {}) {
  const supabase = await createSupabase();
  const pool = new pg.Pool({ connectionString: supabase.superuserUrl, max: connections });
  // A server that stops can reach an idle connection before it has closed; nobody waits for that one.
  pool.on('error', () => {});

  /** One transaction, kept if `work` succeeds. */
  async function transaction<T>(work: (query: Query) => Promise<T>, end = 'commit'): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const answer = await work((sql, parameters = []) => client.query<Row>(sql, [...parameters]));
      await client.query(end);
      return answer;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  /** One request of PostgREST. */
  const as = (caller: Caller, sql: string, parameters: readonly unknown[] = []) =>
    transaction(async (query) => {
      await become(query, caller);
      return query(sql, parameters);
    });

  async function createUser(): Promise<string> {
    const id = randomUUID();
    await pool.query('insert into auth.users (id, email) values ($1, $2)', [id, `${id}@example.com`]);
    return id;
  }

  /** Null when there is no such row; read by the superuser, so no policy hides it. */
  async function row(correlationId: string): Promise<Row | null> {
    const { rows } = await pool.query<Row>(
      'select *, internal.to_us(updated_at)::float8 as stamp from public.tasks where correlation_id = $1',
      [correlationId],
    );
    return rows[0] ?? null;
  }

  async function insertTask(userId?: string, correlationId: string = randomUUID()): Promise<TestTask> {
    const owner = userId ?? (await createUser());
    await as(
      user(owner),
      "insert into public.tasks (correlation_id, user_id, mandate) values ($1, $2, 'a mandate')",
      [correlationId, owner],
    );
    const inserted = await row(correlationId);
    return { id: String(inserted?.['id']), correlationId, userId: owner, stamp: Number(inserted?.['stamp']) };
  }

  async function syncTasks(updates: unknown): Promise<Answer[]> {
    const { rows } = await as(reconciler, 'select public.sync_tasks($1) as answer', [
      JSON.stringify(updates),
    ]);
    return rows[0]?.['answer'] as Answer[];
  }

  return {
    as,
    transaction,
    createUser,
    insertTask,
    row,
    syncTasks,
    /** As the superuser, outside every guard. */
    query: ((sql, parameters = []) => pool.query<Row>(sql, [...parameters])) satisfies Query,
    databaseUrl: supabase.databaseUrl,
    async close() {
      await pool.end();
      await supabase.close();
    },
  };
}

export async function become(query: Query, caller: Caller): Promise<void> {
  await query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
    caller.role,
    JSON.stringify(caller),
  ]);
}

export function update(task: TestTask, status: string, stamp: number, more: Row = {}) {
  return {
    correlation_id: task.correlationId,
    id: task.id,
    status,
    tick: 1,
    result: '{}',
    error: null,
    updated_us: stamp,
    ...more,
  };
}
