import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { Project } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';
import type { Journey } from './document-journey.ts';

const root = resolve(import.meta.dirname, '../..');

/** The document's table, indexes and policies, as the database has them. */
export const schemaEvidence = ({ user, tickwork: { project } }: Journey) => ({
  async tableIsTheDocuments() {
    const columns = await rows(
      project,
      `select concat_ws(' ', column_name, data_type, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public' and table_name = 'tasks' order by ordinal_position`,
    );
    expect(columns).toEqual([
      'id uuid NO gen_random_uuid()',
      'correlation_id text NO',
      'user_id uuid NO',
      'mandate text NO',
      "status text NO 'pending'::text",
      'max_ticks integer NO 50',
      'tick integer YES',
      'result jsonb YES',
      'error text YES',
      'created_at timestamp with time zone NO now()',
      'updated_at timestamp with time zone NO now()',
    ]);
    const keys = await rows(
      project,
      `select pg_get_constraintdef(oid) as line from pg_constraint
      where conrelid = 'public.tasks'::regclass and contype in ('p', 'u', 'f') order by 1`,
    );
    expect(keys).toEqual([
      'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE',
      'PRIMARY KEY (id)',
      'UNIQUE (correlation_id)',
    ]);
  },
  async indexesAreTheDocuments() {
    const indexes = await rows(
      project,
      `select regexp_replace(indexdef, '^CREATE INDEX (\\S+) ON public.tasks USING btree ', '\\1 ') as line
      from pg_indexes where tablename = 'tasks' and indexname like 'idx_tasks_%'`,
    );
    expect(indexes).toEqual(
      expect.arrayContaining([
        'idx_tasks_user_id (user_id)',
        'idx_tasks_correlation_id (correlation_id)',
        'idx_tasks_user_created (user_id, created_at DESC)',
        expect.stringMatching(/^idx_tasks_status \(status\) WHERE .*'completed'.*'error'.*'cancelled'/),
      ]),
    );
  },
  async policiesAreTheDocuments() {
    expect(
      await rows(
        project,
        `select relrowsecurity::text as line from pg_class where oid = 'public.tasks'::regclass`,
      ),
    ).toEqual(['true']);
    const policies = await rows(
      project,
      `select concat_ws(' ', cmd, coalesce(qual, with_check)) as line from pg_policies
      where tablename = 'tasks' and roles = '{authenticated}' order by cmd`,
    );
    const own = '(( SELECT auth.uid() AS uid) = user_id)';
    expect(policies).toEqual([`DELETE ${own}`, `INSERT ${own}`, `SELECT ${own}`, `UPDATE ${own}`]);
  },
  async schemaRunsByItself() {
    const { superuserUrl, databaseUrl } = project;
    const name = `document_${randomUUID().replaceAll('-', '')}`;
    await query(superuserUrl, `create database ${name}`);
    const at = (url: string) => url.replace(/[^/]+$/, name);
    try {
      await query(at(superuserUrl), objects());
      await query(at(databaseUrl), readFileSync(join(root, 'supabase/schema.sql'), 'utf8'));
      const { rows: found } = await query(at(databaseUrl), `select to_regclass('public.tasks') as table`);
      expect(found).toEqual([{ table: 'tasks' }]);
    } finally {
      await query(superuserUrl, `drop database ${name} with (force)`);
    }
  },
  async tasksGoWithTheirUser() {
    const email = `${randomUUID()}@example.com`;
    const { rows: made } = await query(
      project.superuserUrl,
      `with person as (insert into auth.users (email) values ('${email}') returning id)
       insert into public.tasks (correlation_id, user_id, mandate)
       select '${randomUUID()}', id, 'One.' from person returning user_id`,
    );
    await query(project.superuserUrl, `delete from auth.users where email = '${email}'`);
    expect(
      await rows(project, `select id::text as line from public.tasks where user_id = '${made[0]?.user_id}'`),
    ).toEqual([]);
    expect((await user.supabase.from('tasks').select()).data?.length).toBeGreaterThan(0);
  },
});

async function rows(project: Project, sql: string): Promise<string[]> {
  const found = await query(project.superuserUrl, sql);
  return found.rows.map(({ line }) => line);
}

/** Supabase's own objects, less the roles: those belong to the whole server, and are there. */
function objects(): string {
  const sql = readFileSync(join(root, 'test/stack/supabase-objects.sql'), 'utf8');
  return sql.replace(/^create role .*$/gm, '');
}
