import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createShutdown } from './shutdown.ts';

const create = () => createShutdown({ drainDelayMs: 0, logger: pino({ level: 'silent' }) });

test('phases run in their order; one that fails or hangs holds up none', async () => {
  const shutdown = create();
  const ran: string[] = [];
  shutdown.phase('first', 1000, async () => void ran.push(`first ${shutdown.signal.aborted}`));
  shutdown.phase('fails', 1000, () => Promise.reject(new Error('no')));
  shutdown.phase('hangs', 5, () => new Promise(() => {}));
  shutdown.phase('last', 1000, async () => void ran.push('last'));
  await shutdown.start('test');
  expect(ran).toEqual(['first true', 'last']);
});

test('starting twice runs them once', async () => {
  const shutdown = create();
  let runs = 0;
  shutdown.phase('only', 1000, async () => void runs++);
  await Promise.all([shutdown.start('one'), shutdown.start('two')]);
  expect(runs).toBe(1);
});
