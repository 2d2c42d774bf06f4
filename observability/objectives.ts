import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

// Makes the recording rules of the objectives and the alerts on their error budgets. With --check it only says whether they are current.
type Rule = Readonly<Record<string, unknown>>;

interface Objective {
  readonly name: string;
  /** What part of all must be good, over 30 days. */
  readonly target: number;
  /** Series whose increase counts everything, and what is good or what is bad of it. */
  readonly all: string;
  readonly good?: string;
  readonly bad?: string;
  readonly alert: string;
  readonly summary: string;
  readonly description: string;
}

/** Prometheus 3 keeps this bound as 1.0. */
const second = 'le=~"1([.]0)?"';

const objectives: readonly Objective[] = [
  {
    name: 'availability',
    target: 0.999,
    all: 'tickwork_http_request_duration_seconds_count{route!="/health"}',
    bad: 'tickwork_http_request_duration_seconds_count{route!="/health",status="5xx"}',
    alert: 'TickworkAvailabilityBudgetBurns',
    summary: 'Requests fail faster than the error budget allows.',
    description: 'Users see errors. The gateway dashboard shows which routes fail and with which code.',
  },
  {
    name: 'sync_lag',
    target: 0.99,
    all: 'tickwork_sync_lag_seconds_count',
    good: `tickwork_sync_lag_seconds_bucket{${second}}`,
    alert: 'TickworkSyncLagBudgetBurns',
    summary: 'Too much progress takes more than a second to reach Supabase.',
    description: 'Users see old states. The dashboard of reconciler and sync shows what is slow.',
  },
  {
    name: 'dispatch',
    target: 0.99,
    all: 'tickwork_tasks_dispatched_total',
    good: `tickwork_dispatch_duration_seconds_bucket{${second}}`,
    alert: 'TickworkDispatchBudgetBurns',
    summary: 'Too many new tasks are not in the queue within a second.',
    description: 'They begin late, when the reconciler has dispatched them. Look at RabbitMQ first.',
  },
];

const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof windows)[number];

interface Burn {
  readonly factor: number;
  readonly long: Window;
  readonly short: Window;
  readonly severity: 'critical' | 'warning';
}
/** Of Google's SRE Workbook, "Alerting on SLOs": 2 % of the budget in an hour, 5 % in six, 10 % in one day and in three. */
const burns: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'critical' },
  { factor: 6, long: '6h', short: '30m', severity: 'critical' },
  { factor: 3, long: '1d', short: '2h', severity: 'warning' },
  { factor: 1, long: '3d', short: '6h', severity: 'warning' },
];

const rate = (series: string, window: Window) => `sum by (namespace) (rate(${series}[${window}]))`;
const badRate = ({ all, good, bad }: Objective, window: Window) =>
  bad
    ? `(${rate(bad, window)} or 0 * ${rate(all, window)})`
    : `clamp_min(${rate(all, window)} - (${rate(good ?? '', window)} or 0 * ${rate(all, window)}), 0)`;
/** 0 where nothing happened: an objective that nobody tried is kept. */
const ratio = (bad: string, all: string) => `${bad} / clamp_min(${all}, 1e-9)`;

function recordsOf(objective: Objective): Rule[] {
  const { name, all, target } = objective;
  const record = (rule: string, expr: string) => ({ record: `tickwork:${name}:${rule}`, expr });
  const ratios = windows.map((window) =>
    record(`error_ratio_${window}`, ratio(badRate(objective, window), rate(all, window))),
  );
  const sum = (rule: string) => `sum_over_time(tickwork:${name}:${rule}[30d])`;
  return [
    record('objective', `vector(${target})`),
    ...ratios,
    record('bad_rate5m', badRate(objective, '5m')),
    record('all_rate5m', rate(all, '5m')),
    // Over the sums of what is recorded, as the raw series of a month are too many to read.
    record('error_ratio_30d', ratio(sum('bad_rate5m'), sum('all_rate5m'))),
    record('error_budget_left', `1 - tickwork:${name}:error_ratio_30d / ${budgetOf(target)}`),
  ];
}

/** 1 - 0.999 is not 0.001 in floating point. */
const budgetOf = (target: number) => Number((1 - target).toFixed(6));

const alertOf =
  ({ name, target, alert, summary, description }: Objective) =>
  ({ factor, long, short, severity }: Burn): Rule => {
    const above = Number((factor * budgetOf(target)).toFixed(6));
    const part = (window: Window) => `tickwork:${name}:error_ratio_${window} > ${above}`;
    return {
      alert,
      expr: `${part(long)} and ${part(short)}`,
      labels: { severity, window: long },
      annotations: {
        summary,
        description: `${description} For ${long} the error budget of 30 days has been spent ${factor} times as fast as it lasts.`,
        runbook_url: `observability/runbooks/${alert}.md`,
      },
    };
  };

const groups = [
  { name: 'tickwork-objectives', interval: '30s', rules: objectives.flatMap(recordsOf) },
  {
    name: 'tickwork-error-budgets',
    rules: objectives.flatMap((objective) => burns.map(alertOf(objective))),
  },
];
const text = `# Made by node observability/objectives.ts.\n${stringify(groups, { lineWidth: 0 })}`;

const file = join(import.meta.dirname, '../charts/tickwork/files/objectives.yaml');
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(
    'charts/tickwork/files/objectives.yaml is not current; run node observability/objectives.ts\n',
  );
  process.exitCode = 1;
}
