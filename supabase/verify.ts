import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Finding, report } from './verify/report.ts';
import { sampleTask } from './verify/sample.ts';

// make supabase-verify: is this project as Tickwork needs it? One transaction, rolled back; exit code 1 if something fails.
const read = (name: string) => readFileSync(join(import.meta.dirname, 'verify', name), 'utf8');

/** Bounds every wait on the project, in ms. A pooler takes no such setting at connect, so the server is told in the transaction. */
const limitMs = 15_000;

function databaseUrl(): string {
  const url = process.env['SUPABASE_DB_URL'] ?? '';
  if (!/^postgres(ql)?:\/\/\S+$/.test(url) || !URL.canParse(url))
    throw new Error(
      'SUPABASE_DB_URL must be the connection string of the database: postgresql://user:password@host:port/name',
    );
  return url;
}

async function catalogFindings(client: pg.Client): Promise<Finding[]> {
  return (await client.query<Finding>(read('catalog.sql'), [read('wanted.json')])).rows;
}

/** Up to the first step that fails: the others need it. */
async function sampleFindings(client: pg.Client): Promise<Finding[]> {
  const findings: Finding[] = [];
  const mend = 'run supabase/schema.sql again, as the owner of the project';
  for (const [name, run] of sampleTask(client)) {
    const problem = await run().then(
      () => null,
      (error: Error) => error.message,
    );
    findings.push({ kind: 'sample task', name, problem, mend });
    if (problem !== null) break;
  }
  return findings;
}

async function verify(url: string): Promise<Finding[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  });
  // A connection that is lost fails the query that runs.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`set local statement_timeout = ${limitMs}`);
    await client.query("set local search_path = ''");
    const findings = [...(await catalogFindings(client)), ...(await sampleFindings(client))];
    await client.query('rollback');
    return findings;
  } finally {
    await client.end();
  }
}

try {
  const findings = await verify(databaseUrl());
  process.stdout.write(`${report(findings)}\n`);
  if (findings.some(({ problem }) => problem !== null)) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`supabase-verify: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
