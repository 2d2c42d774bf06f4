import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadWorkerConfig } from '../services/worker/src/config.ts';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '..', path), 'utf8');
const { worker, settings } = parse(read('charts/tickwork/values.yaml'));
const templates = join('charts/tickwork/templates/worker');
const servers = { REDIS_URL: 'redis://redis', RABBITMQ_URL: 'amqp://rabbitmq' };

test('the presets of the chart are those of a worker', () => {
  expect(loadWorkerConfig(servers)).toMatchObject({
    AGENT: worker.agent,
    CONCURRENCY: worker.concurrency,
    TASK_TIMEOUT_MS: worker.taskTimeoutMs,
    TICK_TIMEOUT_MS: worker.tickTimeoutMs,
    RESULT_LIMIT_BYTES: worker.resultLimitBytes,
    CLAIM_MS: settings.claimMs,
    MAX_ATTEMPTS: settings.maxAttempts,
  });
});

test('what the chart sets is what a worker reads', () => {
  const set = [...read(join(templates, '_settings.tpl')).matchAll(/^([A-Z_]+): /gm)].map(
    ([, name]) => name ?? '',
  );
  expect(set.length).toBeGreaterThan(6);
  const known = Object.keys(loadWorkerConfig(servers));
  expect(set.filter((name) => !known.includes(name))).toEqual([]);
});

test('a pod is given longer than a worker takes to hand its tasks back', () => {
  const phases = [...read('services/worker/src/worker.ts').matchAll(/shutdown\.phase\('[^']+', ([\d_]+)/g)];
  expect(phases.length).toBeGreaterThan(1);
  const drain = /DRAIN_DELAY_MS: milliseconds\(([\d_]+)/.exec(
    read('services/runtime/src/process/run-process.ts'),
  );
  const takes = [drain, ...phases].map((match) => Number(match?.[1]?.replaceAll('_', '')));
  const longestMs = takes.reduce((sum, one) => sum + one);
  const [, least] =
    /terminationGracePeriodSeconds\) (\d+)/.exec(read('charts/tickwork/templates/_validate.tpl')) ?? [];
  expect(Number(least) * 1000).toBeGreaterThan(longestMs);
  expect(worker.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(least));
});
