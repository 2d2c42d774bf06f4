import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointText } from '../limits.ts';
import { bytesOf, shortenHistory, type Turn } from './history.ts';
import { noState, writeState } from './state.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => '\u0007'.repeat(length)),
);
const turn: fc.Arbitrary<Turn> = fc
  .record({ said: anyText, thought: anyText, results: fc.array(anyText, { minLength: 1, maxLength: 5 }) })
  .map(({ said, thought, results }) => ({
    assistant: {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: thought },
        { type: 'text', text: said },
        ...results.map((_result, index) => ({
          type: 'tool-call' as const,
          toolCallId: `c${index}`,
          toolName: 'fetch_page',
          input: { url: 'u' },
        })),
      ],
    },
    tool: {
      role: 'tool',
      content: results.map((value, index) => ({
        type: 'tool-result' as const,
        toolCallId: `c${index}`,
        toolName: 'fetch_page',
        output: { type: 'text' as const, value },
      })),
    },
  }));
const turns = fc.array(turn, { maxLength: 8 });

test('a history always fits, as does the checkpoint that it goes into, and its newest turn is never lost', () => {
  fc.assert(
    fc.property(turns, fc.integer({ min: 10_000, max: 250_000 }), (all, maxBytes) => {
      const kept = shortenHistory(all, maxBytes);
      expect(bytesOf(kept)).toBeLessThanOrEqual(maxBytes);
      expect(() => checkpointText(writeState({ ...noState, turns: kept }))).not.toThrow();
      if (all.length > 0) expect(kept.length).toBeGreaterThan(0);
      if (bytesOf(all) <= maxBytes) expect(kept).toBe(all);
    }),
    { numRuns: 30 },
  );
});

test('what was shortened stays as it is, and comes out the same after a checkpoint', () => {
  fc.assert(
    fc.property(turns, turn, (all, next) => {
      const kept = shortenHistory(all, 20_000);
      expect(shortenHistory(kept, 20_000)).toBe(kept);
      const restored: Turn[] = JSON.parse(JSON.stringify(kept));
      expect(shortenHistory([...restored, next], 20_000)).toEqual(shortenHistory([...kept, next], 20_000));
    }),
    { numRuns: 30 },
  );
});

test('every call keeps its answer, and every answer its call', () => {
  fc.assert(
    fc.property(turns, (all) => {
      for (const { assistant, tool } of shortenHistory(all, 15_000)) {
        const parts = typeof assistant.content === 'string' ? [] : assistant.content;
        const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []));
        expect(tool.content.flatMap((part) => ('toolCallId' in part ? [part.toolCallId] : []))).toEqual(
          calls,
        );
      }
    }),
    { numRuns: 30 },
  );
});
