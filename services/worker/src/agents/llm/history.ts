import type { AssistantModelMessage, ToolModelMessage } from 'ai';

/** One step that called tools: what the model said, and what the tools answered. */
export interface Turn {
  readonly assistant: AssistantModelMessage;
  readonly tool: ToolModelMessage;
}

/** What is kept of an old text. */
const oldCharacters = 200;

/**
 * The same turns while they fit into `maxBytes` of JSON. Else less of them, down to three quarters, so that not every step shortens again
 * (what changes early in a conversation makes the model read all of it anew): old tool results are cut first, from the oldest on, then the
 * newest, and whole turns go last. Depends on nothing else, so an attempt that goes on has what an unbroken one would have.
 */
export function shortenHistory(turns: readonly Turn[], maxBytes: number): readonly Turn[] {
  const sizes = turns.map(bytesOf);
  // With the brackets and commas of the array.
  const total = (from = 0) => sizes.slice(from).reduce((sum, size) => sum + size + 1, 2);
  if (total() <= maxBytes) return turns;
  const wanted = maxBytes * 0.75;
  const kept = [...turns];
  for (const [index, turn] of turns.entries()) {
    const isNewest = index === turns.length - 1;
    kept[index] = cutTurn(turn, isNewest ? newestCharacters(turn, wanted / 2) : oldCharacters);
    sizes[index] = bytesOf(kept[index]);
    if (total() <= wanted) return kept;
  }
  let first = 0;
  while (first < kept.length && total(first) > wanted) first++;
  return kept.slice(first);
}

/** For each text of the turn. A character takes six bytes of JSON at most. */
function newestCharacters({ tool }: Turn, maxBytes: number): number {
  return Math.floor(maxBytes / 6 / (tool.content.length + 1));
}

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function cutTurn({ assistant, tool }: Turn, maxCharacters: number): Turn {
  const { content } = assistant;
  const said = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  return {
    assistant: {
      ...assistant,
      content: said
        .filter(({ type }) => type !== 'reasoning')
        .map((part) => (part.type === 'text' ? { ...part, text: cut(part.text, maxCharacters) } : part)),
    },
    tool: {
      ...tool,
      content: tool.content.map((part) => {
        if (part.type !== 'tool-result') return part;
        const { output } = part;
        if (output.type !== 'text' && output.type !== 'error-text') return part;
        return { ...part, output: { ...output, value: cut(output.value, maxCharacters) } };
      }),
    },
  };
}

function cut(text: string, maxCharacters: number): string {
  const mark = '\n[shortened]';
  if (text.length <= maxCharacters + mark.length) return text;
  return text.slice(0, maxCharacters).toWellFormed() + mark;
}
