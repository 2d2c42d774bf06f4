import { expect, test } from 'vitest';
import { testRules } from './promtool.ts';

const total = 100_000;
/** Two hours in which this part is bad, then ten in which all is well. */
const bad = (part: number) => `0+${part * total}x120 ${part * total * 120}x600`;
const good = (part: number) => `0+${(1 - part) * total}x120 ${(1 - part) * total * 120 + total}+${total}x600`;
const all = `0+${total}x720`;

const objectives = {
  availability: {
    budget: 0.001,
    alert: 'TickworkAvailabilityBudgetBurns',
    series: (part: number) => ({
      'tickwork_http_request_duration_seconds_count{namespace="a",route="/tasks",status="2xx"}': good(part),
      'tickwork_http_request_duration_seconds_count{namespace="a",route="/tasks",status="5xx"}': bad(part),
      'tickwork_http_request_duration_seconds_count{namespace="a",route="/health",status="5xx"}': all,
    }),
  },
  sync_lag: {
    budget: 0.01,
    alert: 'TickworkSyncLagBudgetBurns',
    series: (part: number) => ({
      'tickwork_sync_lag_seconds_bucket{namespace="a",le="1"}': good(part),
      'tickwork_sync_lag_seconds_bucket{namespace="a",le="1.5"}': all,
      'tickwork_sync_lag_seconds_count{namespace="a"}': all,
    }),
  },
  dispatch: {
    budget: 0.01,
    alert: 'TickworkDispatchBudgetBurns',
    series: (part: number) => ({
      'tickwork_dispatch_duration_seconds_bucket{namespace="a",le="1.0"}': good(part),
      'tickwork_tasks_dispatched_total{namespace="a",outcome="published"}': good(part),
      'tickwork_tasks_dispatched_total{namespace="a",outcome="left_to_reconciler"}': bad(part),
    }),
  },
} as const;
type Name = keyof typeof objectives;

const names = Object.keys(objectives) as Name[];
/** How fast the budget burns in an installation, and which windows tell. */
const burns = [
  { namespace: 'x20', factor: 20, critical: ['1h', '6h'], warning: ['1d', '3d'] },
  { namespace: 'x8', factor: 8, critical: ['6h'], warning: ['1d', '3d'] },
  { namespace: 'x4', factor: 4, critical: [], warning: ['1d', '3d'] },
  { namespace: 'x2', factor: 2, critical: [], warning: ['3d'] },
  { namespace: 'half', factor: 0.5, critical: [], warning: [] },
];

test.each(names)(
  '%s alerts in the windows in which the budget burns too fast, and resolves',
  async (name) => {
    const { alert, budget, series } = objectives[name];
    const expr = `count by (namespace, severity, window) (ALERTS{alertname="${alert}",alertstate="firing"})`;
    const everywhere = burns.flatMap(({ namespace, factor }) =>
      Object.entries(series(factor * budget)).map(
        ([one, values]) => [one.replace('namespace="a"', `namespace="${namespace}"`), values] as const,
      ),
    );
    const samples = burns.flatMap((burn) =>
      (['critical', 'warning'] as const).flatMap((severity) =>
        burn[severity].map((window) => ({
          labels: `{namespace="${burn.namespace}",severity="${severity}",window="${window}"}`,
          value: 1,
        })),
      ),
    );
    await testRules(Object.fromEntries(everywhere), [
      { expr, at: 110, samples },
      { expr, at: 720, samples: [] },
    ]);
  },
);

test.each(names)('%s records the ratio and what is left of the budget', async (name) => {
  const { budget, series } = objectives[name];
  const rounded = (rule: string) => `round(tickwork:${name}:${rule}, 0.0001)`;
  const value = (amount: number) => [{ labels: '{namespace="a"}', value: amount }];
  await testRules(series(budget / 2), [
    { expr: rounded('error_ratio_5m'), at: 100, samples: value(Number((budget / 2).toFixed(4))) },
    { expr: rounded('error_ratio_1h'), at: 100, samples: value(Number((budget / 2).toFixed(4))) },
    { expr: rounded('error_ratio_5m'), at: 300, samples: value(0) },
    { expr: `round(tickwork:${name}:error_budget_left, 0.01)`, at: 100, samples: value(0.5) },
    {
      expr: `tickwork:${name}:objective`,
      at: 100,
      samples: [{ labels: `tickwork:${name}:objective`, value: 1 - budget }],
    },
  ]);
});

test.each(names)('%s is kept where nobody asked for anything', async (name) => {
  const idle = Object.fromEntries(Object.keys(objectives[name].series(0)).map((one) => [one, '0x20']));
  await testRules(idle, [
    {
      expr: `tickwork:${name}:error_ratio_5m`,
      at: 15,
      samples: [{ labels: `tickwork:${name}:error_ratio_5m{namespace="a"}`, value: 0 }],
    },
  ]);
});

test('an expectation that is wrong fails', async () => {
  const wrong = testRules({ 'up{namespace="a"}': '1x5' }, [{ expr: 'up', at: 1, samples: [] }]);
  await expect(wrong).rejects.toThrow('FAILED');
});
