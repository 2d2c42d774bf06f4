import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stubDependencies } from '../services/gateway/src/http/app.harness.ts';
import { buildReferenceApp } from '../services/gateway/src/http/openapi/reference-app.ts';

// Writes openapi.json from the routes' own schemas. With --check it only says whether that is current.
const app = await buildReferenceApp(stubDependencies());
const text = `${JSON.stringify(app.swagger(), null, 2)}\n`;
await app.close();

const file = join(import.meta.dirname, 'openapi.json');
const current = () => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (current() !== text) {
  process.stderr.write('docs/openapi.json is not current; run node docs/openapi.ts\n');
  process.exitCode = 1;
}
