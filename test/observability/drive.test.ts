import { expect, test } from 'vitest';
import { createDriver, type Phase } from './drive.ts';

/** With no alert, or always these. */
const prometheus = (...firing: string[]) => ({
  alerts: async () => [],
  query: async () =>
    firing.map((alertname) => ({
      metric: { alertname },
      value: [0, '1'] as const satisfies [number, string],
    })),
});
const fails = (text: string) => () => Promise.reject(new Error(text));
const phase: Phase = { name: 'it breaks', cause: async () => {}, fires: [], mend: async () => {} };
const live = new AbortController().signal;

function drive(changes: Partial<Phase>, signal = live, ...firing: string[]) {
  return createDriver(prometheus(...firing), () => {}, signal).drive({ ...phase, ...changes });
}

test('what fires and should not have is told', async () => {
  const found = await drive({ also: ['Two'] }, live, 'One', 'Two');
  expect(found).toEqual(['One']);
});

test('a cause that fails is mended, and is what is told', async () => {
  const mended: string[] = [];
  const mend = async () => mended.push('it');
  await expect(drive({ cause: fails('no cause'), mend })).rejects.toThrow(/^no cause$/);
  expect(mended).toEqual(['it']);
});

test('a mend that fails too hides no cause', async () => {
  const failure = drive({ cause: fails('no cause'), mend: fails('no mend') });
  await expect(failure).rejects.toMatchObject({
    message: 'Error: no cause; and the mend failed: Error: no mend',
    errors: [new Error('no cause'), new Error('no mend')],
  });
});

test('after the end of the test nothing is mended', async () => {
  const ended = AbortSignal.abort();
  await expect(drive({ cause: fails('closed'), mend: fails('mended') }, ended)).rejects.toThrow(/^closed$/);
});
