import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Writes schema.sql, the migrations in one file for the SQL editor. With --check: fails if it is not current.
const folder = import.meta.dirname;
const target = join(folder, 'schema.sql');
const migrations = readdirSync(join(folder, 'migrations')).sort();
const parts = migrations.map(
  (name) => `-- migrations/${name}\n${readFileSync(join(folder, 'migrations', name), 'utf8').trimEnd()}`,
);
const header = `-- Made from migrations/ by schema.ts; change those. One transaction, and harmless to run again.`;
const schema = `${header}\nbegin;\n\n${parts.join('\n\n')}\n\ncommit;\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, schema);
} else if (readFileSync(target, 'utf8') !== schema) {
  process.stderr.write('supabase/schema.sql is not current: run node supabase/schema.ts\n');
  process.exitCode = 1;
}
