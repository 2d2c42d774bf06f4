import { type Dashboard, of, quantile, rateBy, total } from './definition.ts';

const requests = 'tickwork_http_request_duration_seconds';
/** A read that waits for news takes the time that was asked for. */
const prompt = 'route!~".*wait|.*/events"';

export const gateway: Dashboard = {
  uid: 'tickwork-gateway',
  title: 'Gateway',
  description: 'What the API is asked, and how it answers.',
  sections: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by route',
          description: 'A route is a pattern; what fits none is *.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{method}} {{route}}': `${rateBy('method, route', `${requests}_count`)} > 0 or on() vector(0)`,
          },
          traces: 'tickwork-gateway',
        },
        {
          title: 'Failures by route',
          description: 'Answers 5xx.',
          unit: 'reqps',
          queries: {
            '{{route}}': `${rateBy('route', `${requests}_count`, 'status="5xx"')} > 0 or on() vector(0)`,
          },
          alerts: ['TickworkGatewayFails', 'TickworkAvailabilityBudgetBurns'],
          traces: 'tickwork-gateway',
        },
        {
          title: 'Part of requests that fail',
          description: 'Of all, without /health.',
          unit: 'percentunit',
          queries: {
            failed: `(${total(`${requests}_count`, 'status="5xx",route!="/health"')} or vector(0)) / clamp_min(${total(`${requests}_count`, 'route!="/health"')}, 1e-9)`,
          },
          thresholds: { bad: 'above', warning: 0.001, critical: 0.01 },
          alerts: ['TickworkAvailabilityBudgetBurns'],
        },
        {
          title: 'Duration of requests, 99 %',
          description: 'By route, without what waits for news.',
          unit: 's',
          queries: { '{{route}}': quantile(0.99, requests, 'route', prompt) },
          traces: 'tickwork-gateway',
        },
        {
          title: 'Duration of requests',
          description: 'Of all routes, without what waits for news.',
          unit: 's',
          queries: {
            '99 %': quantile(0.99, requests, '', prompt),
            '90 %': quantile(0.9, requests, '', prompt),
            '50 %': quantile(0.5, requests, '', prompt),
          },
        },
        {
          title: 'Refusals and failures',
          description: 'By the code in the answer.',
          unit: 'reqps',
          queries: { '{{code}}': `${rateBy('code', 'tickwork_http_problems_total')} > 0 or on() vector(0)` },
        },
      ],
    },
    {
      title: 'Tasks',
      panels: [
        {
          title: 'Tasks submitted',
          description: 'And tasks that their owner ended.',
          unit: 'ops',
          queries: {
            submitted: total('tickwork_tasks_submitted_total'),
            '{{outcome}}': rateBy('outcome', 'tickwork_tasks_ended_by_owner_total'),
          },
        },
        {
          title: 'Where new tasks stood',
          description: 'When their submit was answered.',
          unit: 'ops',
          stacked: true,
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_tasks_dispatched_total') },
          alerts: ['TickworkDispatchBudgetBurns'],
        },
        {
          title: 'Dispatch',
          description: "From the row's insert to RabbitMQ's confirm.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_dispatch_duration_seconds'),
            '50 %': quantile(0.5, 'tickwork_dispatch_duration_seconds'),
          },
          thresholds: { bad: 'above', warning: 1 },
          alerts: ['TickworkDispatchBudgetBurns'],
        },
        {
          title: 'Syncs on read',
          description: 'Reads that found Redis ahead, by what Supabase made of the update.',
          unit: 'ops',
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_syncs_on_read_total') },
        },
        {
          title: 'Watchers',
          description: 'Who watches a task now.',
          unit: 'short',
          stacked: true,
          queries: { '{{kind}}': `sum by (kind) (${of('tickwork_watchers')})` },
        },
        {
          title: 'Reads for watchers',
          description: 'Each for all who watch the task.',
          unit: 'ops',
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_watch_refreshes_total') },
        },
      ],
    },
  ],
};
