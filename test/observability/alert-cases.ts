/** Series that make an alert fire, and then resolve; a value each minute, times in minutes. Time begins at 0, so time() does too. */
interface AlertCase {
  readonly alert: string;
  readonly series: Readonly<Record<string, string>>;
  readonly fires: number;
  readonly resolved: number;
}

const requests = 'tickwork_http_request_duration_seconds_count';
const calls = 'tickwork_dependency_call_duration_seconds_count';
const connected = 'tickwork_dependency_connected';
const dipped = { fires: 10, resolved: 30 };

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'TickworkGatewayFails',
    series: {
      [`${requests}{namespace="a",status="2xx"}`]: '0+60x120',
      [`${requests}{namespace="a",status="5xx"}`]: '0+6x40 240x80',
      [`${requests}{namespace="b",status="2xx"}`]: '0+6000x120',
      [`${requests}{namespace="b",status="5xx"}`]: '0+6x120',
    },
    fires: 20,
    resolved: 60,
  },
  {
    alert: 'TickworkNotScraped',
    series: {
      'tickwork_watchers{namespace="a"}': '0x10 _x30 0x30',
      'tickwork_reconciler_leader{namespace="a"}': '1x80',
      'tickwork_watchers{namespace="b"}': '0x80',
      'tickwork_reconciler_leader{namespace="b"}': '1x80',
    },
    fires: 25,
    resolved: 60,
  },
  {
    alert: 'TickworkNobodyReconciles',
    series: {
      'tickwork_reconciler_leader{namespace="a",pod="1"}': '1x10 0x40',
      'tickwork_reconciler_leader{namespace="a",pod="2"}': '0x20 1x40',
      'tickwork_reconciler_leader{namespace="b",pod="1"}': '1x60',
    },
    fires: 15,
    resolved: 40,
  },
  {
    alert: 'TickworkPassStopped',
    series: {
      'tickwork_reconciler_last_success_timestamp_seconds{namespace="a",pass="scan"}':
        '0+60x10 600x20 1800+60x30',
    },
    fires: 20,
    resolved: 40,
  },
  {
    alert: 'TickworkRepairDoesNotPass',
    series: {
      'tickwork_reconciler_leader{namespace="a"}': '1x90',
      'tickwork_reconciler_last_success_timestamp_seconds{namespace="a",pass="repair"}': '_x40 2400+60x60',
    },
    fires: 20,
    resolved: 60,
  },
  {
    alert: 'TickworkLeaseFails',
    series: { 'tickwork_reconciler_lease_failures_total{namespace="a"}': '0+1x30 30x40' },
    fires: 20,
    resolved: 50,
  },
  {
    alert: 'TickworkNoWorkerConsumes',
    series: {
      'tickwork_queue_ready_messages{namespace="a"}': '5x60',
      'tickwork_worker_running{namespace="a"}': '0x20 2x40',
      'tickwork_queue_ready_messages{namespace="b"}': '5x60',
      'tickwork_worker_attempts_total{namespace="b"}': '0+3x60',
    },
    ...dipped,
  },
  {
    alert: 'TickworkOldestTaskWaits',
    series: { 'tickwork_oldest_pending_task_age_seconds{namespace="a"}': '0x5 700x20 0x20' },
    fires: 15,
    resolved: 40,
  },
  {
    alert: 'TickworkSyncIsSlow',
    series: {
      'tickwork_sync_lag_seconds_bucket{namespace="a",le="1"}': '0x60 0+60x60',
      'tickwork_sync_lag_seconds_bucket{namespace="a",le="2.5"}': '0+60x120',
      'tickwork_sync_lag_seconds_bucket{namespace="a",le="+Inf"}': '0+60x120',
    },
    fires: 30,
    resolved: 90,
  },
  {
    alert: 'TickworkClockIsWrong',
    series: { 'tickwork_reconciler_actions_total{namespace="a",reason="clock_wrong"}': '0x5 1x40' },
    ...dipped,
  },
  {
    alert: 'TickworkDeadLetters',
    series: { 'tickwork_dead_letters{namespace="a"}': '0x2 2x20 0x20' },
    ...dipped,
  },
  {
    alert: 'TickworkManyRetries',
    series: {
      'tickwork_worker_attempts_total{namespace="a"}': '0+10x120',
      'tickwork_worker_retries_total{namespace="a"}': '0+5x50 250x70',
    },
    fires: 40,
    resolved: 80,
  },
  {
    alert: 'TickworkAgentsLeftBehind',
    series: { 'tickwork_worker_agents_left_behind_total{namespace="a"}': '0x5 1x40' },
    ...dipped,
  },
  {
    alert: 'TickworkRedisAway',
    series: {
      [`${connected}{namespace="a",dependency="redis",pod="1"}`]: '1x5 0x10 1x20',
      [`${connected}{namespace="a",dependency="redis",pod="2"}`]: '1x40',
    },
    ...dipped,
  },
  {
    alert: 'TickworkRabbitmqAway',
    series: { [`${connected}{namespace="a",dependency="rabbitmq"}`]: '1x5 0x10 1x20' },
    ...dipped,
  },
  {
    alert: 'TickworkSupabaseAway',
    series: {
      'tickwork_reconciler_circuit{namespace="a",state="closed"}': '1x5 0x10 1x20',
      'tickwork_reconciler_circuit{namespace="a",state="open"}': '0x5 1 0 1 0 1 0 1 0 1 0 1 0x20',
      'tickwork_reconciler_circuit{namespace="a",state="half_open"}': '0x5 0 1 0 1 0 1 0 1 0 1 0 0x20',
    },
    ...dipped,
  },
  {
    alert: 'TickworkDependencyFails',
    series: {
      [`${calls}{namespace="a",dependency="redis",outcome="ok"}`]: '0+60x120',
      [`${calls}{namespace="a",dependency="redis",outcome="failed"}`]: '0+6x50 300x70',
    },
    fires: 30,
    resolved: 70,
  },
  {
    alert: 'TickworkTokenExpires',
    series: {
      'tickwork_reconciler_token_expiry_timestamp_seconds{namespace="a"}': '1210200x60 9000000x60',
      'tickwork_reconciler_token_expiry_timestamp_seconds{namespace="b"}': '0x120',
    },
    fires: 40,
    resolved: 90,
  },
  {
    alert: 'TickworkTokenExpiresNow',
    series: { 'tickwork_reconciler_token_expiry_timestamp_seconds{namespace="a"}': '87000x60 9000000x60' },
    fires: 40,
    resolved: 90,
  },
];
