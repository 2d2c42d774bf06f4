import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDemo } from './demo.ts';

test('a plan covers every sentence in order, within the budget', () => {
  const sentence = fc.stringMatching(/^[a-z]{1,9}$/).map((word) => `${word}.`);
  fc.assert(
    fc.property(
      fc.array(sentence, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 200 }),
      (all, maxTicks) => {
        const { pieces } = planDemo({ mandate: all.join(' '), maxTicks }, 1);
        expect(pieces.length).toBeLessThanOrEqual(maxTicks);
        expect(pieces.join(' ')).toBe(all.join(' '));
      },
    ),
  );
});

test('wait takes the time it names, over all its ticks', () => {
  expect(planDemo({ mandate: 'wait 30s: One. Two. Three.', maxTicks: 10 }, 1)).toEqual({
    pieces: ['One.', 'Two.', 'Three.'],
    pauseMs: 10_000,
  });
});
