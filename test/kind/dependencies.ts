import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTokens, generateSigningKey, publicJwks } from '../front/tokens.ts';
import { type Cluster, root } from './cluster.ts';

export const password = 'tickwork-demo';

/**
 * Brings up k8s/dependencies in a namespace, with keys made for it. Returns what Tickwork needs to know of them, as values of
 * the chart.
 */
export async function installDependencies({ kubectl }: Cluster, namespace: string) {
  const here = ['--namespace', namespace];
  const url = `http://supabase.${namespace}:8000`;
  const signingKey = await generateSigningKey();
  const tokens = createTokens(signingKey, `${url}/auth/v1`);
  const frontOptions = {
    url,
    port: 8000,
    host: '0.0.0.0',
    postgrestUrl: 'http://postgrest:3000',
    databaseUrl: 'postgres://supabase_admin@postgres:5432/postgres',
    signingKey,
    password,
  };
  const sql = {
    'supabase-objects.sql': 'test/stack/supabase-objects.sql',
    'schema.sql': 'supabase/schema.sql',
    'migrate.sh': 'k8s/dependencies/migrate.sh',
  };
  const objects = [
    object('ConfigMap', 'supabase-sql', {
      data: Object.fromEntries(
        Object.entries(sql).map(([name, path]) => [name, readFileSync(join(root, path), 'utf8')]),
      ),
    }),
    object('Secret', 'supabase-keys', {
      stringData: {
        jwks: JSON.stringify(publicJwks(signingKey)),
        'front-options': JSON.stringify(frontOptions),
      },
    }),
  ];
  await kubectl([...here, 'apply', '-f', '-'], {
    input: objects.map((one) => JSON.stringify(one)).join('\n---\n'),
  });
  await kubectl([...here, 'apply', '-f', join(root, 'k8s/dependencies')]);
  await kubectl([...here, 'wait', '--for=condition=Available', 'deployment', '--all', '--timeout=180s']);
  return {
    tokens,
    signingKey,
    url,
    values: {
      supabase: { url, anonKey: await tokens.anon(), reconcilerToken: { value: await tokens.reconciler() } },
      redis: { url: `redis://redis.${namespace}:6379` },
      rabbitmq: {
        url: `amqp://gateway:gateway@rabbitmq.${namespace}:5672`,
        workerUrl: `amqp://worker:worker@rabbitmq.${namespace}:5672`,
      },
      networkPolicy: { supabase: { ports: [8000] } },
    },
  };
}

const object = (kind: string, name: string, content: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...content,
});
