import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readQueries } from '../../observability/panels.ts';
import { allRules } from '../../observability/rules.ts';
import { alertCases } from './alert-cases.ts';
import { promtool, rulesOfChart, testRules } from './promtool.ts';

test.each(rulesOfChart())('promtool takes %s', async (_file, content) => {
  await promtool(['check', 'rules'], 'checked.yaml', content);
});

test('each query of a panel is PromQL', async () => {
  const rules = readQueries('5m').map(({ query }, index) => ({ record: `panel:${index}`, expr: query }));
  expect(rules.length).toBeGreaterThan(50);
  const said = await promtool(
    ['check', 'rules'],
    'panels.yaml',
    stringify({ groups: [{ name: 'panels', rules }] }),
  );
  expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
});

const alerts = [...new Set(allRules().flatMap(({ alert }) => alert ?? []))];

test('each alert is seen to fire and to resolve', () => {
  const burns = alerts.filter((alert) => alert.endsWith('BudgetBurns'));
  expect([...alertCases.map(({ alert }) => alert), ...burns].toSorted()).toEqual(alerts.toSorted());
});

test.each(alertCases)('$alert fires in the one installation, and resolves', async (one) => {
  const expr = `count by (namespace) (ALERTS{alertname="${one.alert}",alertstate="firing"})`;
  await testRules(one.series, [
    { expr, at: 1, samples: [] },
    { expr, at: one.fires, samples: [{ labels: '{namespace="a"}', value: 1 }] },
    { expr, at: one.resolved, samples: [] },
  ]);
});

test('an installation that was never scraped, or has been gone for long, is missed', async () => {
  const expr = 'count by (component) (ALERTS{alertname="TickworkNotScraped",alertstate="firing"})';
  await testRules({ 'other{namespace="b"}': '1x200' }, [
    { expr, at: 10, samples: [{ labels: '{component="all"}', value: 1 }] },
  ]);
});

test('the backlog is what is ready and what is run, also with no worker', async () => {
  const expr = 'tickwork:backlog:tasks';
  const sample = (namespace: string, value: number) => ({
    labels: `${expr}{namespace="${namespace}"}`,
    value,
  });
  await testRules(
    {
      'tickwork_queue_ready_messages{namespace="a",pod="1"}': '5x10',
      'tickwork_queue_ready_messages{namespace="a",pod="2"}': '4x10',
      'tickwork_worker_running{namespace="a",pod="3"}': '1x10',
      'tickwork_worker_running{namespace="a",pod="4"}': '2x10',
      'tickwork_queue_ready_messages{namespace="b",pod="1"}': '7x10',
    },
    [{ expr, at: 5, samples: [sample('a', 8), sample('b', 7)] }],
  );
});
