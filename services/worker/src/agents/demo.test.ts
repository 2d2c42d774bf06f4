import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDemoAgent } from './demo.ts';

function run(mandate: string, { maxTicks = 10, signal = new AbortController().signal, tickMs = 0 } = {}) {
  const notes: (string | undefined)[] = [];
  const context = {
    tick: async (note?: string) => void notes.push(note),
    signal,
    log: pino({ level: 'silent' }),
  };
  return {
    notes,
    result: createDemoAgent({ tickMs }).run({ correlationId: 'x', mandate, maxTicks }, context),
  };
}

test('a tick for each sentence or line, told as it goes', async () => {
  const { notes, result } = run('One. Two!\nThree');
  expect(await result).toEqual({
    success: true,
    deliverables: ['1. One.', '2. Two!', '3. Three'],
    notes: 'The mandate had 3 pieces.',
  });
  expect(notes).toEqual(['1 of 3 pieces done', '2 of 3 pieces done', '3 of 3 pieces done']);
});

test('the same mandate gives the same result', async () => {
  expect(await run('One. Two.').result).toEqual(await run('One. Two.').result);
});

test('fail: ends in an error with what follows', async () => {
  await expect(run('fail: no more coffee').result).rejects.toMatchObject({
    name: 'AgentError',
    message: 'no more coffee',
  });
  await expect(run('fail:').result).rejects.toThrow('the mandate asked to fail');
});

test('an abort ends a long wait at once', async () => {
  const stop = new AbortController();
  const { notes, result } = run('wait 3600s: One. Two.', { signal: stop.signal });
  stop.abort();
  await expect(result).rejects.toThrow();
  expect(notes).toEqual([]);
});
