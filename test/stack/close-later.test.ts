import { expect, test } from 'vitest';
import { closeLater } from './close-later.ts';

test('what began to start before another start failed is closed, newest first, whatever fails', async () => {
  const closed: string[] = [];
  const stack = new AsyncDisposableStack();
  const one = { close: () => void closed.push('one') };
  const late = Promise.withResolvers<typeof one>();
  const starts = Promise.all([
    closeLater(stack, Promise.resolve(one)),
    closeLater(stack, late.promise),
    closeLater(stack, Promise.resolve({ close: () => Promise.reject(new Error('stuck')) })),
    closeLater(stack, Promise.reject<typeof one>(new Error('no port'))),
  ]);
  await expect(starts).rejects.toThrow('no port');
  const closing = stack.disposeAsync();
  late.resolve({ close: () => void closed.push('late') });
  await expect(closing).rejects.toThrow('stuck');
  expect(closed).toEqual(['late', 'one']);
});
