import { type Dashboard, of, type Panel, quantile, rateBy } from './definition.ts';

const calls = 'tickwork_dependency_call_duration_seconds';
const failures = 'outcome="failed"';

const latency = (title: string, dependency: string, alert: string): Panel => ({
  title: `${title}: time to the answer, 99 %`,
  description: 'By operation.',
  unit: 's',
  queries: { '{{operation}}': quantile(0.99, calls, 'operation', `dependency="${dependency}"`) },
  alerts: [alert],
});

export const dependencies: Dashboard = {
  uid: 'tickwork-dependencies',
  title: 'Dependencies',
  description: 'Redis, RabbitMQ and Supabase, as the gateway and the reconciler see them.',
  sections: [
    {
      title: 'All',
      panels: [
        {
          title: 'Connections',
          description: '1 where every process has a connection that can be used.',
          unit: 'short',
          queries: { '{{dependency}}': `min by (dependency) (${of('tickwork_dependency_connected')})` },
          thresholds: { bad: 'below', warning: 1 },
          alerts: ['TickworkRedisAway', 'TickworkRabbitmqAway', 'TickworkSupabaseAway'],
        },
        {
          title: 'Part of calls that fail',
          description: 'A refusal is an answer, and no failure.',
          unit: 'percentunit',
          queries: {
            '{{dependency}}': `${rateBy('dependency', `${calls}_count`, failures)} / clamp_min(${rateBy('dependency', `${calls}_count`)}, 1e-9)`,
          },
          thresholds: { bad: 'above', warning: 0.01, critical: 0.05 },
          alerts: ['TickworkDependencyFails'],
        },
        {
          title: 'Calls',
          description: 'By dependency and outcome.',
          unit: 'ops',
          queries: { '{{dependency}}: {{outcome}}': rateBy('dependency, outcome', `${calls}_count`) },
        },
        {
          title: 'Failures by operation',
          description: 'Calls that got no answer, or an error.',
          unit: 'ops',
          queries: {
            '{{dependency}}: {{operation}}': `${rateBy('dependency, operation', `${calls}_count`, failures)} > 0 or on() vector(0)`,
          },
          alerts: ['TickworkDependencyFails'],
        },
      ],
    },
    {
      title: 'Each',
      panels: [
        latency('Redis', 'redis', 'TickworkRedisAway'),
        latency('RabbitMQ', 'rabbitmq', 'TickworkRabbitmqAway'),
        latency('Supabase', 'supabase', 'TickworkSupabaseAway'),
        {
          title: 'Median time to the answer',
          description: 'By dependency.',
          unit: 's',
          queries: { '{{dependency}}': quantile(0.5, calls, 'dependency') },
        },
      ],
    },
  ],
};
