import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProcessName, readMetrics } from '../../observability/processes.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
const processes = ['api', 'reconciler', 'worker'] as const;
const { node, own } = readMetrics();

beforeAll(async () => {
  tickwork = await startTickwork({ extraEnv: { api: { CORS_ORIGINS: 'http://localhost:3000' } } });
  user = await signIn(tickwork);
  await use();
});
afterAll(() => tickwork.close());

/** What fills most metrics: tasks to their end, every kind of read, what is refused, and names that nobody foresaw. */
async function use(): Promise<void> {
  const { call, submit } = user;
  const { id } = await submit('One. Two.');
  await call(`/tasks/${id}?wait=1`);
  await user.untilStatus(id, 'completed');
  const cancelled = await submit('One. Two. Three. Four. Five.');
  await call(`/tasks/${cancelled.id}/cancel`, { method: 'POST', body: '{}' });
  await call(`/tasks/${cancelled.id}`, { method: 'DELETE' });
  await (await call(`/tasks/${id}/events`)).text();
  for (const path of ['/tasks', '/quota', '/health', '/docs', '/openapi.json', `/${randomUUID()}`]) {
    await (await call(path)).text();
  }
  await call('/tasks', { method: 'POST', body: '{' });
  await call(`/tasks/${randomUUID()}`, { method: 'PUT' });
  await call('/tasks', { method: 'PROPFIND' });
  await fetch(`${tickwork.url}/tasks`, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
  });
  const redis = new Redis(tickwork.redis.url);
  await redis.set(`task:${randomUUID()}`, 'no record');
  redis.disconnect();
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricsOf = async (name: ProcessName) => {
  const text = await tickwork.metrics(name);
  const names = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, metric, type]) => `${metric} ${type}`);
  return { names, samples: samplesOf(text) };
};

function samplesOf(text: string): Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, to]) => [key, to])),
    value: Number(value),
  }));
}

/** Where a sample is in the list; null where it is not, or has a label or a value that is not. */
function listed({ name, labels }: Sample, process: ProcessName): string | null {
  const metric = [...own[process], ...node].find((each) =>
    [each.name, `${each.name}_bucket`, `${each.name}_sum`, `${each.name}_count`].includes(name),
  );
  const isListed = Object.entries(labels).every(([label, value]) => {
    if (label === 'le' && metric?.type === 'histogram') return true;
    const known = metric?.labels.find((each) => each.name === label);
    return known && (known.values === null || known.values.includes(value));
  });
  return metric && isListed ? metric.name : null;
}

test.each(processes)(
  'the %s shows exactly what observability/metrics.md lists, labels and their values too',
  async (name) => {
    const { names, samples } = await metricsOf(name);
    const wanted = [...own[name], ...node].map((metric) => `${metric.name} ${metric.type}`);
    expect(names.toSorted()).toEqual(wanted.toSorted());
    expect(samples.length).toBeGreaterThan(50);
    expect(samples.filter((sample) => listed(sample, name) === null)).toEqual([]);
  },
);

/** The sum of a metric's samples that have these labels. */
async function sumOf(
  process: ProcessName,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const { samples } = await metricsOf(process);
  const matching = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return matching.reduce((sum, { value }) => sum + value, 0);
}
const untilAbove = (least: number, ...asked: Parameters<typeof sumOf>) =>
  waitFor(`${asked.join(' ')} to be more than ${least}`, async () => (await sumOf(...asked)) > least);

test('each route and operation is there as failed, so that the first failure is an increase', async () => {
  const failures = async (process: ProcessName, name: string, failed: Record<string, string>) =>
    (await metricsOf(process)).samples.filter(
      (sample) =>
        sample.name === name && Object.entries(failed).every(([label, to]) => sample.labels[label] === to),
    );
  const requests = await failures('api', 'tickwork_http_request_duration_seconds_count', { status: '5xx' });
  expect(requests.map(({ labels }) => `${labels['method']} ${labels['route']}`)).toEqual(
    expect.arrayContaining(['GET /tasks/:id?wait', 'POST /tasks', 'DELETE /tasks/:id', 'GET /health']),
  );
  const call = 'tickwork_dependency_call_duration_seconds_count';
  for (const process of processes) {
    const calls = await failures(process, call, { outcome: 'failed' });
    const operations = own[process].find(({ name }) => `${name}_count` === call)?.labels[1]?.values ?? [];
    expect(calls.map(({ labels }) => labels['operation']).toSorted()).toEqual(operations.toSorted());
  }
});

test('what was done is in the numbers', async () => {
  const requests = 'tickwork_http_request_duration_seconds_count';
  for (const labels of [
    { route: '/tasks', method: 'POST', status: '2xx' },
    { route: '/tasks/:id?wait', status: '2xx' },
    { route: '/tasks/:id/cancel', status: '2xx' },
    { route: 'unknown', method: 'GET', status: '4xx' },
    { route: 'unknown', method: 'unknown', status: '4xx' },
    { route: '*', method: 'OPTIONS' },
  ]) {
    await untilAbove(0, 'api', requests, labels);
  }
  await untilAbove(0, 'api', 'tickwork_http_problems_total', { code: 'bad_request' });
  await untilAbove(0, 'api', 'tickwork_tasks_ended_by_owner_total', { outcome: 'cancelled' });
  await untilAbove(0, 'api', 'tickwork_tasks_ended_by_owner_total', { outcome: 'deleted' });
  await untilAbove(0, 'api', 'tickwork_dispatch_duration_seconds_count');
  const call = 'tickwork_dependency_call_duration_seconds_count';
  await untilAbove(0, 'api', call, { dependency: 'supabase', operation: 'insert', outcome: 'ok' });
  await untilAbove(0, 'api', call, { dependency: 'rabbitmq', operation: 'publish', outcome: 'ok' });
  await untilAbove(0, 'reconciler', call, { dependency: 'redis', operation: 'scan_step', outcome: 'ok' });
  await untilAbove(0, 'reconciler', call, {
    dependency: 'supabase',
    operation: 'active_rows',
    outcome: 'ok',
  });
  for (const operation of ['claim', 'report', 'end']) {
    await untilAbove(0, 'worker', call, { dependency: 'redis', operation, outcome: 'ok' });
  }
  await untilAbove(0, 'worker', 'tickwork_worker_attempt_number_count');
  await untilAbove(0, 'worker', 'tickwork_worker_tick_seconds_count');
  const wait = 'tickwork_worker_queue_wait_seconds';
  await untilAbove(0, 'worker', `${wait}_count`);
  // In milliseconds: a task that found a free worker waited for less than a minute.
  const waits = await sumOf('worker', `${wait}_count`);
  expect(await sumOf('worker', `${wait}_bucket`, { le: '60' })).toBe(waits);
  expect(await sumOf('worker', `${wait}_sum`)).toBeGreaterThan(0);
  for (const process of processes) {
    for (const dependency of ['redis', 'rabbitmq']) {
      await untilAbove(0, process, 'tickwork_dependency_connected', { dependency });
    }
  }
  await untilAbove(0, 'reconciler', 'tickwork_reconciler_scan_keys', { pass: 'scan' });
  await untilAbove(0, 'reconciler', 'tickwork_reconciler_findings_total', { finding: 'foreign' });
  const lags =
    (await sumOf('api', 'tickwork_sync_lag_seconds_count')) +
    (await sumOf('reconciler', 'tickwork_sync_lag_seconds_count'));
  expect(lags).toBeGreaterThan(1);
});

const lines = (process: ProcessName) =>
  tickwork
    .log(process)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('the log has one line for each request and each change of a task, with the trace and the task', async () => {
  const requests = () => lines('api').filter(({ msg, route }) => msg === 'request' && route === '/version');
  for (let call = 0; call < 3; call += 1) await (await user.call('/version')).text();
  await waitFor('three lines', () => requests().length >= 3);
  expect(requests()).toHaveLength(3);
  expect(requests().every(({ trace_id }) => /^[0-9a-f]{32}$/.test(String(trace_id)))).toBe(true);
  const { correlation_id } = await user.submit('One.');
  await user.untilStatus(correlation_id, 'completed');
  await user.call(`/tasks/${correlation_id}`, { method: 'DELETE' });
  const told = (process: ProcessName) =>
    lines(process).flatMap((line) => (line['correlation_id'] === correlation_id ? [line] : []));
  const left = () => told('worker').find(({ msg }) => msg === 'task left');
  await waitFor('the last lines', () => told('api').length >= 2 && left());
  expect(left()).toMatchObject({ outcome: 'completed' });
  expect(told('api').map(({ msg, outcome }) => [msg, outcome])).toEqual([
    ['task submitted', 'published'],
    ['task ended by its owner', 'deleted'],
  ]);
  const statuses = told('worker').flatMap(({ status }) => status ?? []);
  expect(statuses.slice(0, 3)).toEqual(['accepted', 'started', 'in_progress']);
  expect([...told('api'), ...told('worker')].filter((line) => !line['trace_id'])).toEqual([]);
});

test('what waits without a worker is in the backlog, and its age is told', async () => {
  await tickwork.kill('worker', 'SIGTERM');
  const before = Date.now();
  await user.submit('One.');
  await untilAbove(0, 'reconciler', 'tickwork_queue_ready_messages');
  await untilAbove(0, 'reconciler', 'tickwork_records_unfinished');
  await untilAbove(0, 'reconciler', 'tickwork_tasks_active', { status: 'pending' });
  const age = await sumOf('reconciler', 'tickwork_oldest_pending_task_age_seconds');
  expect(age).toBeGreaterThan(2.5); // REPAIR_MIN_AGE_MS is 3 s here
  expect(age).toBeLessThan((Date.now() - before) / 1000 + 1);
});
