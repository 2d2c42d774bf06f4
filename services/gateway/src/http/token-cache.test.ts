import { expect, test } from 'vitest';
import { createTokenCache } from './token-cache.ts';

test('a token is known until it runs out', () => {
  let now = 0;
  const cache = createTokenCache(2, () => now);
  const alice = { userId: 'alice', until: 10 };
  cache.set('a', alice);
  now = 9;
  expect([cache.get('a'), cache.get('b')]).toEqual([alice, undefined]);
  now = 10;
  expect(cache.get('a')).toBeUndefined();
  now = 0;
  expect(cache.get('a')).toBeUndefined();
});

test('beyond its size, what was not used for longest goes', () => {
  const cache = createTokenCache(2, () => 0);
  for (const name of ['a', 'b']) cache.set(name, { userId: name, until: 1 });
  cache.get('a');
  cache.set('c', { userId: 'c', until: 1 });
  expect(['a', 'b', 'c'].map((name) => cache.get(name)?.userId)).toEqual(['a', undefined, 'c']);
});
