import type { Worker } from '@tickwork/runtime/redis/worker-presence';
import { expect, test } from 'vitest';
import { createSystemInfo } from './system-info.ts';

function harness(alive: () => Promise<readonly Worker[]>) {
  let now = 0;
  let asked = 0;
  const ended: Promise<void>[] = [];
  const systemInfo = createSystemInfo({
    presence: {
      alive: () => {
        asked += 1;
        return alive();
      },
    },
    clock: {
      now: () => now,
      wallTime: () => 0,
      sleep: (_ms, signal) =>
        new Promise((resolve) => {
          if (ended.length > 0) resolve();
          signal?.addEventListener('abort', () => resolve());
        }),
    },
    gatewayVersion: '2.0.0',
    sourceUrl: 'https://source.example',
  });
  return {
    systemInfo,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
    endSleeps: () => void ended.push(Promise.resolve()),
  };
}
const worker = (id: string, version: string) => ({ id, version });

test('the workers that are there, and the newest version among them', async () => {
  const { systemInfo } = harness(async () => [worker('a', '1.9.0'), worker('b', '1.10.0')]);
  expect(await systemInfo()).toEqual({
    title: 'Tickwork',
    gatewayVersion: '2.0.0',
    workerVersion: '1.10.0',
    activeWorkers: 2,
    lastUpdate: '1970-01-01T00:00:00.000Z',
    github: 'https://source.example',
  });
});

test('one look serves all for a second; then the last version seen stays, though no worker does', async () => {
  const answers = [[worker('a', '1.0.0')], []];
  const { systemInfo, asked, pass } = harness(async () => answers.shift() ?? []);
  await Promise.all([systemInfo(), systemInfo()]);
  pass(1000);
  expect([(await systemInfo()).activeWorkers, asked()]).toEqual([1, 1]);
  pass(1);
  expect(await systemInfo()).toMatchObject({ activeWorkers: 0, workerVersion: '1.0.0' });
  expect(asked()).toBe(2);
});

test('with Redis away or slow there are none', async () => {
  const away = harness(() => Promise.reject(new Error('away')));
  expect(await away.systemInfo()).toMatchObject({ activeWorkers: 0, workerVersion: '2.0.0' });
  const slow = harness(() => new Promise(() => {}));
  slow.endSleeps();
  expect(await slow.systemInfo()).toMatchObject({ activeWorkers: 0, workerVersion: '2.0.0' });
});
