import { type Dashboard, of, quantile, rateBy, total } from './definition.ts';

const lastSuccess = 'tickwork_reconciler_last_success_timestamp_seconds';

export const reconciler: Dashboard = {
  uid: 'tickwork-reconciler',
  title: 'Reconciler and sync',
  description: 'Whether what workers write reaches Supabase, and what is repaired.',
  sections: [
    {
      title: 'Sync',
      panels: [
        {
          title: 'Sync lag',
          description: "From a worker's write in Redis to Supabase's answer.",
          unit: 's',
          queries: {
            '99 %': quantile(0.99, 'tickwork_sync_lag_seconds'),
            '90 %': quantile(0.9, 'tickwork_sync_lag_seconds'),
            '50 %': quantile(0.5, 'tickwork_sync_lag_seconds'),
          },
          thresholds: { bad: 'above', warning: 1 },
          alerts: ['TickworkSyncIsSlow', 'TickworkSyncLagBudgetBurns'],
          traces: 'tickwork-reconciler',
        },
        {
          title: 'Syncs',
          description: 'Updates that Supabase answered, by what it made of them.',
          unit: 'ops',
          queries: { '{{outcome}}': rateBy('outcome', 'tickwork_reconciler_syncs_total') },
        },
        {
          title: 'Records',
          description:
            'In Redis: of tasks that are not final, and those that hold what Supabase has not confirmed.',
          unit: 'short',
          queries: {
            unfinished: `max(${of('tickwork_records_unfinished')})`,
            ahead: `max(${of('tickwork_records_ahead')})`,
          },
        },
        {
          title: 'Circuit of Supabase',
          description:
            'The state that holds. Open: Supabase failed again and again, and is left alone for a while.',
          unit: 'bool_on_off',
          queries: { '{{state}}': `max by (state) (${of('tickwork_reconciler_circuit')})` },
          alerts: ['TickworkSupabaseAway'],
        },
      ],
    },
    {
      title: 'Passes',
      panels: [
        {
          title: 'Who leads',
          description: '1 for the one that leads.',
          unit: 'short',
          queries: { '{{instance}}': `sum by (instance) (${of('tickwork_reconciler_leader')})` },
          alerts: ['TickworkNobodyReconciles', 'TickworkLeaseFails'],
        },
        {
          title: 'Since a pass last ended well',
          description: 'By pass.',
          unit: 's',
          queries: { '{{pass}}': `time() - max by (pass) (${of(lastSuccess)})` },
          thresholds: { bad: 'above', warning: 120, critical: 300 },
          alerts: ['TickworkPassStopped', 'TickworkRepairDoesNotPass'],
        },
        {
          title: 'Duration of passes, 99 %',
          description: 'Of those that ended well.',
          unit: 's',
          queries: { '{{pass}}': quantile(0.99, 'tickwork_reconciler_pass_seconds', 'pass') },
          traces: 'tickwork-reconciler',
        },
        {
          title: 'Passes that failed',
          description: 'They are tried again. And calls about the Lease that failed.',
          unit: 'ops',
          queries: {
            '{{pass}}': rateBy('pass', 'tickwork_reconciler_pass_failures_total'),
            Lease: total('tickwork_reconciler_lease_failures_total'),
          },
          alerts: ['TickworkPassStopped', 'TickworkLeaseFails'],
        },
        {
          title: 'Keys that a walk looked at',
          description: 'The last one of each kind.',
          unit: 'short',
          queries: { '{{pass}}': `max by (pass) (${of('tickwork_reconciler_scan_keys')})` },
        },
        {
          title: 'Findings',
          description: 'What hints named and walks found.',
          unit: 'ops',
          queries: {
            '{{pass}}: {{finding}}': rateBy('pass, finding', 'tickwork_reconciler_findings_total'),
            'skipped by {{pass}}': rateBy('pass', 'tickwork_reconciler_foreign_keys_total'),
          },
        },
      ],
    },
    {
      title: 'Repair',
      panels: [
        {
          title: 'Repairs',
          description: 'Actions of the pass repair, by reason.',
          unit: 'ops',
          queries: {
            '{{reason}}': `${rateBy('reason', 'tickwork_reconciler_actions_total', 'pass="repair"')} > 0 or on() vector(0)`,
          },
        },
        {
          title: 'Actions',
          description: 'Of all passes, by kind and outcome.',
          unit: 'ops',
          queries: {
            '{{kind}}: {{outcome}}': `${rateBy('kind, outcome', 'tickwork_reconciler_actions_total')} > 0 or on() vector(0)`,
          },
        },
        {
          title: 'Tasks that are not final',
          description: 'Rows in Supabase, as the last repair saw them.',
          unit: 'short',
          stacked: true,
          queries: { '{{status}}': `max by (status) (${of('tickwork_tasks_active')})` },
        },
        {
          title: 'Oldest waiting task',
          description: 'How long the task that no worker took for longest has waited.',
          unit: 's',
          queries: { age: `max(${of('tickwork_oldest_pending_task_age_seconds')})` },
          thresholds: { bad: 'above', warning: 300, critical: 600 },
          alerts: ['TickworkOldestTaskWaits'],
        },
        {
          title: "Actions by a stamp's clock that is wrong",
          description: 'Stamps more than a day ahead.',
          unit: 'ops',
          queries: { actions: total('tickwork_reconciler_actions_total', 'reason="clock_wrong"') },
          alerts: ['TickworkClockIsWrong'],
        },
        {
          title: 'Token left',
          description: "Until the reconciler's token runs out.",
          unit: 's',
          queries: {
            left: `min(${of('tickwork_reconciler_token_expiry_timestamp_seconds')}) - time()`,
          },
          thresholds: { bad: 'below', warning: 1_209_600, critical: 86_400 },
          alerts: ['TickworkTokenExpires', 'TickworkTokenExpiresNow'],
        },
      ],
    },
  ],
};
