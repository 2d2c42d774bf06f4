import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database, type Row, reconciler } from './supabase-database.ts';

const many = 20_000;
const pageSize = 500;

let database: Database;
let owner: string;
beforeAll(async () => {
  database = await createDatabase();
  owner = await database.createUser();
  await insert(many);
  await database.query('analyze public.tasks');
});
afterAll(() => database.close());

/** Rows that began an hour ago, all at once. */
async function insert(count: number): Promise<void> {
  await database.query(
    `insert into public.tasks (correlation_id, user_id, mandate, created_at, updated_at)
     select gen_random_uuid(), $1, 'm', now() - interval '1 hour', now() - interval '1 hour' from generate_series(1, $2)`,
    [owner, count],
  );
}

/** Ends rows at random; answers which. */
async function endSome(count: number): Promise<string[]> {
  const { rows } = await database.query(
    `update public.tasks set status = 'cancelled' where id in (
       select id from public.tasks where status = 'pending' order by random() limit $1) returning correlation_id`,
    [count],
  );
  return rows.map(({ correlation_id }) => String(correlation_id));
}

async function page(after: string): Promise<string[]> {
  const call = 'select public.active_tasks($1, 60000, $2) as answer';
  const { rows } = await database.as(reconciler, call, [after, pageSize]);
  const found = (rows[0]?.['answer'] ?? []) as Row[];
  return found.map(({ correlation_id }) => String(correlation_id));
}

test('a walk meets every row once, in order, while others come and go', async () => {
  const { rows } = await database.query('select correlation_id from public.tasks');
  const there = new Set(rows.map(({ correlation_id }) => String(correlation_id)));
  const met: string[] = [];
  const ended: string[] = [];
  let after = '';
  for (let pages = 1; ; pages++) {
    const found = await page(after);
    met.push(...found);
    if (found.length < pageSize) break;
    after = found.at(-1) ?? '';
    if (pages % 5 === 0) await insert(200);
    if (pages % 7 === 0) ended.push(...(await endSome(300)));
  }
  expect(ended.length).toBeGreaterThan(1000);
  for (const id of ended) there.delete(id);
  expect(met).toEqual([...new Set(met)].sort());
  const seen = new Set(met);
  expect([...there].filter((id) => !seen.has(id))).toEqual([]);
}, 120_000);

/** The query inside active_tasks, as it stands in the database, with values in place of its parameters. */
async function pageQuery(after: string): Promise<string> {
  const { rows } = await database.query(
    "select prosrc from pg_proc where oid = 'public.active_tasks(text, int, int)'::regprocedure",
  );
  const inner = /from \(\s*(select t\.id.*limit page_size)\s*\) page/s.exec(String(rows[0]?.['prosrc']))?.[1];
  if (!inner) throw new Error('active_tasks has another form');
  const values = { after: `'${after}'`, min_age_ms: '60000', page_size: String(pageSize) };
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), value),
    inner,
  );
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly Plans?: readonly PlanNode[];
}

// Near the end few rows are left, and sorting them may be taken for cheaper.
test('each full page is read from its index alone: no scan of the table and no sort', async () => {
  for (const after of ['', '4', '8', 'c']) {
    const text = `explain (analyze, format json) ${await pageQuery(after)}`;
    const { rows } = await database.as(reconciler, text);
    const [top] = (rows[0]?.['QUERY PLAN'] ?? []) as { Plan: PlanNode }[];
    if (!top) throw new Error('there is no plan');
    const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
    expect(nodes(top.Plan).map((node) => node['Node Type'])).toEqual(['Limit', 'Index Scan']);
    expect(nodes(top.Plan).at(-1)).toMatchObject({ 'Index Name': 'idx_tasks_active' });
  }
});
