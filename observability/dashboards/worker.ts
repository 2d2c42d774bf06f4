import { type Dashboard, of, quantile, rateBy, total } from './definition.ts';

export const worker: Dashboard = {
  uid: 'tickwork-worker',
  title: 'Worker',
  description: 'What agents do.',
  sections: [
    {
      title: 'Tasks',
      panels: [
        {
          title: 'Tasks running',
          description: 'By worker.',
          unit: 'short',
          stacked: true,
          queries: { '{{instance}}': `sum by (instance) (${of('tickwork_worker_running')})` },
          alerts: ['TickworkNoWorkerConsumes'],
        },
        {
          title: 'Tasks that workers left',
          description: 'By outcome.',
          unit: 'ops',
          stacked: true,
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_worker_tasks_total') },
          traces: 'tickwork-worker',
        },
        {
          title: 'Wait in the queue',
          description:
            "From a message's publish to the claim of its task. What was delivered twice is left out.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_worker_queue_wait_seconds'),
            '50 %': quantile(0.5, 'tickwork_worker_queue_wait_seconds'),
          },
          alerts: ['TickworkOldestTaskWaits'],
          traces: 'tickwork-worker',
        },
        {
          title: 'Attempts and retries',
          description: 'Retries by what failed.',
          unit: 'ops',
          queries: {
            attempts: total('tickwork_worker_attempts_total'),
            'retry: {{reason}}': `${rateBy('reason', 'tickwork_worker_retries_total')} or on() vector(0)`,
          },
          alerts: ['TickworkManyRetries'],
        },
        {
          title: 'Messages rejected, agents left behind',
          description: 'Messages that could not be read; agents that did not stop when they were told to.',
          unit: 'ops',
          queries: {
            'messages rejected': total('tickwork_worker_messages_rejected_total'),
            'agents left behind': total('tickwork_worker_agents_left_behind_total'),
          },
          alerts: ['TickworkDeadLetters', 'TickworkAgentsLeftBehind'],
        },
      ],
    },
    {
      title: 'Ticks',
      panels: [
        {
          title: 'Ticks',
          description: 'By worker.',
          unit: 'ops',
          stacked: true,
          queries: { '{{instance}}': rateBy('instance', 'tickwork_worker_ticks_total') },
        },
        {
          title: 'Time of a tick',
          description: "From an agent's last tick to this one.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_worker_tick_seconds'),
            '50 %': quantile(0.5, 'tickwork_worker_tick_seconds'),
          },
          traces: 'tickwork-worker',
        },
      ],
    },
  ],
};
