import { type Dashboard, of, type Panel, quantile, rateBy, recorded } from './definition.ts';

const names = { availability: 'availability', sync_lag: 'sync lag', dispatch: 'dispatch' };
const ofEach = (query: (objective: string) => string) =>
  Object.fromEntries(Object.entries(names).map(([objective, name]) => [name, query(objective)]));
const budgetAlerts = [
  'TickworkAvailabilityBudgetBurns',
  'TickworkSyncLagBudgetBurns',
  'TickworkDispatchBudgetBurns',
];
const kept = (title: string, description: string, objective: string, target: number): Panel => ({
  title,
  description,
  unit: 'percentunit',
  now: true,
  queries: { kept: `1 - ${recorded(`tickwork:${objective}:error_ratio_30d`)}` },
  thresholds: { bad: 'below', warning: target },
});

export const overview: Dashboard = {
  uid: 'tickwork-overview',
  title: 'Overview',
  description: 'Whether users are served.',
  sections: [
    {
      title: 'Objectives, over 30 days',
      panels: [
        kept('Availability', 'Requests that did not fail; objective 99.9 %.', 'availability', 0.999),
        kept('Sync within 1 s', 'Progress that reached Supabase in time; objective 99 %.', 'sync_lag', 0.99),
        kept(
          'Dispatch within 1 s',
          'New tasks that reached the queue in time; objective 99 %.',
          'dispatch',
          0.99,
        ),
        {
          title: 'Alerts that fire',
          description: 'Of Tickwork, in all namespaces.',
          unit: 'short',
          now: true,
          queries: { alerts: 'count(ALERTS{alertname=~"Tickwork.*",alertstate="firing"}) or vector(0)' },
          thresholds: { bad: 'above', warning: 1 },
        },
        {
          title: 'Error budget left',
          description: 'Of 30 days. At 0 the objective is missed.',
          unit: 'percentunit',
          queries: ofEach((objective) => recorded(`tickwork:${objective}:error_budget_left`)),
          thresholds: { bad: 'below', warning: 0.25, critical: 0 },
          alerts: budgetAlerts,
        },
        {
          title: 'Burn rate, over an hour',
          description:
            'How many times as fast as it lasts the budget is spent: from 6 on somebody is called.',
          unit: 'short',
          queries: ofEach(
            (objective) =>
              `${recorded(`tickwork:${objective}:error_ratio_1h`)} / scalar(1 - tickwork:${objective}:objective)`,
          ),
          thresholds: { bad: 'above', warning: 6, critical: 14.4 },
          alerts: budgetAlerts,
        },
      ],
    },
    {
      title: 'Now',
      panels: [
        {
          title: 'Reconcilers that lead',
          description: 'One; in the first seconds of a takeover two.',
          unit: 'short',
          now: true,
          queries: { leading: `sum(${of('tickwork_reconciler_leader')})` },
          thresholds: { bad: 'below', warning: 1 },
          alerts: ['TickworkNobodyReconciles'],
        },
        {
          title: 'Oldest waiting task',
          description: 'How long the task that no worker took for longest has waited.',
          unit: 's',
          now: true,
          queries: { age: `max(${of('tickwork_oldest_pending_task_age_seconds')})` },
          thresholds: { bad: 'above', warning: 300, critical: 600 },
          alerts: ['TickworkOldestTaskWaits'],
        },
        {
          title: 'Dead letters',
          description: 'Messages that no worker could do anything with.',
          unit: 'short',
          now: true,
          queries: { messages: `max(${of('tickwork_dead_letters')})` },
          thresholds: { bad: 'above', warning: 1 },
          alerts: ['TickworkDeadLetters'],
        },
        {
          title: 'Backlog',
          description: 'Messages that are ready, and tasks that run.',
          unit: 'short',
          now: true,
          queries: { tasks: `sum(${recorded('tickwork:backlog:tasks')})` },
        },
        {
          title: 'Requests',
          description: 'Answers of the API by class of status.',
          unit: 'reqps',
          stacked: true,
          queries: { '{{status}}': rateBy('status', 'tickwork_http_request_duration_seconds_count') },
          alerts: ['TickworkGatewayFails'],
          traces: 'tickwork-gateway',
        },
        {
          title: 'Sync lag',
          description: "From a worker's write in Redis to Supabase's answer.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_sync_lag_seconds'),
            '50 %': quantile(0.5, 'tickwork_sync_lag_seconds'),
          },
          thresholds: { bad: 'above', warning: 1 },
          alerts: ['TickworkSyncIsSlow'],
          traces: 'tickwork-reconciler',
        },
        {
          title: 'New tasks',
          description: 'What the gateway did not get published is left to the reconciler.',
          unit: 'ops',
          stacked: true,
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_tasks_dispatched_total') },
        },
        {
          title: 'Wait in the queue',
          description: "From a message's publish to the claim of its task.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_worker_queue_wait_seconds'),
            '50 %': quantile(0.5, 'tickwork_worker_queue_wait_seconds'),
          },
          alerts: ['TickworkOldestTaskWaits'],
        },
        {
          title: 'Tasks that workers left',
          description: 'By outcome.',
          unit: 'ops',
          stacked: true,
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_worker_tasks_total') },
          traces: 'tickwork-worker',
        },
      ],
    },
  ],
};
