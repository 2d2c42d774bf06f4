import { createClock } from '@tickwork/runtime/process/clock';
import { expect, test } from 'vitest';
import { createCountBacklog } from './backlog.ts';

test('what can be counted is, whatever becomes of the others', async () => {
  const counts = {
    ready: () => Promise.reject(new Error('RabbitMQ is not connected')),
    dead: async () => 2,
    unfinished: async () => 3,
    ahead: () => new Promise<number>(() => {}),
  };
  const countBacklog = createCountBacklog({ counts, clock: createClock(), limitMs: 10 });
  expect(await countBacklog()).toEqual({ ready: null, dead: 2, unfinished: 3, ahead: null });
});
