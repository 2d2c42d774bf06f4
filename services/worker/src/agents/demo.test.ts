import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Resume } from './agent.ts';
import { createAgent } from './demo.ts';

interface Run {
  readonly maxTicks?: number;
  readonly signal?: AbortSignal;
  readonly resume?: Resume | null;
}

const log = pino({ level: 'silent' });

function run(
  mandate: string,
  { maxTicks = 10, signal = new AbortController().signal, resume = null }: Run = {},
) {
  const notes: (string | undefined)[] = [];
  const states: unknown[] = [];
  const context = {
    tick: async (note?: string) => void notes.push(note),
    checkpoint: async (state: unknown) => void states.push(state),
    resume,
    signal,
    log,
  };
  const agent = Promise.resolve(createAgent({ env: { DEMO_TICK_MS: '0' }, log }));
  return {
    notes,
    states,
    result: agent.then((demo) => demo.run({ correlationId: 'x', mandate, maxTicks }, context)),
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

test('goes on from its checkpoint, to the same result', async () => {
  const whole = run('One. Two. Three.');
  const result = await whole.result;
  expect(whole.states).toEqual([1, 2, 3]);
  for (const [index, state] of [1, 2, 3].entries()) {
    const rest = run('One. Two. Three.', { resume: { state, tick: index + 1 } });
    expect(await rest.result).toEqual(result);
    expect(rest.notes).toEqual(whole.notes.slice(index + 1));
  }
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

test('DEMO_TICK_MS is its own setting, with a rule', () => {
  expect(() => createAgent({ env: { DEMO_TICK_MS: 'fast' }, log })).toThrow(
    'DEMO_TICK_MS must be an integer from 0 to 60000',
  );
});
