import { expect, test } from 'vitest';
import { keepAnnounced } from './announce.ts';

test('a worker is announced again and again, also after a failure, until it leaves', async () => {
  const said: string[] = [];
  const leaving = new AbortController();
  const presence = {
    announce: async () => {
      said.push('here');
      if (said.length === 1) throw new Error('Redis is away');
    },
    leave: async () => void said.push('gone'),
  };
  const sleep = async () => {
    if (said.length === 3) leaving.abort();
  };
  await keepAnnounced(presence, { id: 'a', version: '1' }, { clock: { sleep }, signal: leaving.signal });
  expect(said).toEqual(['here', 'here', 'here', 'gone']);
});
