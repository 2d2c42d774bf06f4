import { Type } from 'typebox';

const dependency = (description: string) =>
  Type.Object(
    {
      up: Type.Boolean(),
      latency_ms: Type.Integer({ minimum: 0 }),
      reason: Type.Optional(Type.String({ description: 'Why it is down' })),
    },
    { description },
  );
const count = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description });

export const healthSchema = Type.Object({
  healthy: Type.Boolean({ description: 'Users can be served' }),
  status: Type.Enum(['ok', 'degraded']),
  supabase: dependency('Auth, the table, and the newest migration that is needed'),
  redis: dependency('Without it tasks start and show late'),
  rabbitmq: dependency('Without it tasks start late'),
  backlog: Type.Object(
    {
      ready: count('Messages in the queue that no worker has taken'),
      unfinished: count('Tasks that wait or are being worked on'),
      dead_letters: count('Messages that no worker could do anything with'),
    },
    { description: 'Null for what could not be counted' },
  ),
});

export const systemInfoSchema = Type.Object({
  title: Type.String(),
  gatewayVersion: Type.String(),
  workerVersion: Type.String({ description: 'The newest among the workers' }),
  activeWorkers: Type.Integer({ minimum: 0, description: 'Workers that are there' }),
  lastUpdate: Type.String({ format: 'date-time', description: 'When this gateway was started' }),
  github: Type.String({ description: 'Where the source is; may be empty' }),
});

export const versionSchema = Type.Object({ version: Type.String() });
export const workerCountSchema = Type.Object({ activeWorkers: Type.Integer({ minimum: 0 }) });
