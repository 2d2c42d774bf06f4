import type { ChosenAgent } from './chosen-agent.ts';
import type { Ports } from './ports.ts';
import { codeVersion, type Service, startService } from './tickwork.ts';
import { waitFor } from './wait-for.ts';

export interface Services {
  readonly folder: string;
  readonly ports: Pick<
    Ports,
    'GATEWAY_PORT' | 'GATEWAY_ADMIN_PORT' | 'RECONCILER_ADMIN_PORT' | 'WORKER_ADMIN_PORT'
  >;
  /** The addresses and keys of all that Tickwork depends on, and what the user sets for the services. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly agent: ChosenAgent;
}

/** Starts the gateway, the reconciler and the worker, or keeps those that run this code. Returns their addresses. */
export async function startServices({
  folder,
  ports,
  env,
  agent,
}: Services): Promise<Record<string, string>> {
  const environments = serviceEnvironments(env, ports.GATEWAY_PORT, agent);
  const version = codeVersion();
  const adminPorts: Record<Service, number> = {
    api: ports.GATEWAY_ADMIN_PORT,
    reconciler: ports.RECONCILER_ADMIN_PORT,
    worker: ports.WORKER_ADMIN_PORT,
  };
  const start = (service: Service) =>
    startService({
      service,
      folder,
      adminPort: adminPorts[service],
      env: environments[service],
      version,
      ...(service === 'worker' ? { cwd: agent.folder } : {}),
    });
  await Promise.all([start('api'), start('reconciler'), start('worker')]);
  const url = (port: number) => `http://127.0.0.1:${port}`;
  await waitFor('the gateway to reach its dependencies', () => isHealthy(url(ports.GATEWAY_PORT)));
  return {
    GATEWAY_URL: url(ports.GATEWAY_PORT),
    GATEWAY_ADMIN_URL: url(adminPorts.api),
    RECONCILER_ADMIN_URL: url(adminPorts.reconciler),
    WORKER_ADMIN_URL: url(adminPorts.worker),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) });
  const health = (await response.json()) as { status: string };
  if (health.status === 'ok') return true;
  throw new Error(JSON.stringify(health));
}

/** Each is given what it needs; no worker hears of a Supabase. */
export function serviceEnvironments(
  env: Services['env'],
  port: number,
  agent: Pick<ChosenAgent, 'name' | 'env'>,
): Record<Service, Record<string, string>> {
  const everywhere = ['LOG_LEVEL', ...Object.keys(env).filter((name) => name.startsWith('OTEL_'))];
  const pick = (...names: string[]) =>
    Object.fromEntries([...names, ...everywhere].flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const gateway = ['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'REDIS_URL', 'RABBITMQ_URL'];
  return {
    api: {
      // Where a frontend in development is served.
      CORS_ORIGINS: 'http://localhost:* http://127.0.0.1:*',
      ...pick(...gateway, 'SUPABASE_JWT_SECRET', 'SUPABASE_JWT_ISSUER'),
      HOST: '127.0.0.1',
      PORT: String(port),
    },
    reconciler: pick(...gateway, 'SUPABASE_RECONCILER_TOKEN_FILE'),
    worker: {
      ...agent.env,
      ...pick('REDIS_URL'),
      AGENT: agent.name,
      RABBITMQ_URL: env['WORKER_RABBITMQ_URL'] ?? env['RABBITMQ_URL'] ?? '',
    },
  };
}
