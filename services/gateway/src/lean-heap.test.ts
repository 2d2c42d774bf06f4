import { expect, test } from 'vitest';
import { createGatewayEvents } from './events.ts';
import { keepHeapLean } from './lean-heap.ts';

test('the heap is kept lean from the 500th watcher on until fewer than 400 are left', () => {
  const events = createGatewayEvents();
  const flags: string[] = [];
  keepHeapLean(
    events,
    (flag) => flags.push(flag),
    () => flags.push('collected'),
  );
  const change = (count: number, by: 1 | -1) => {
    for (let index = 0; index < count; index += 1) events.emit('watching', { kind: 'stream', change: by });
  };
  change(499, 1);
  expect(flags).toEqual([]);
  change(101, 1);
  expect(flags).toEqual(['--heap-growing-percent=20', 'collected']);
  change(200, -1);
  change(150, 1);
  change(150, -1);
  expect(flags).toHaveLength(2);
  change(1, -1);
  expect(flags).toEqual(['--heap-growing-percent=20', 'collected', '--heap-growing-percent=0']);
});
