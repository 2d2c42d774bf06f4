import type { AssistantModelMessage, ToolModelMessage } from 'ai';

/** One step that called tools: what the model said, and what the tools answered. */
export interface Turn {
  readonly assistant: AssistantModelMessage;
  readonly tool: ToolModelMessage;
}

const keptCharacters = 200;

/**
 * The same turns while they fit into `maxBytes` of JSON. Else less of them, down to three quarters, so that not every step shortens again
 * (what changes early in a conversation makes the model read all of it anew): old tool results go first, then whole old turns, and last
 * the newest turn is cut. Depends on nothing else, so an attempt that goes on has what an unbroken one would have.
 */
export function shortenHistory(turns: readonly Turn[], maxBytes: number): readonly Turn[] {
  if (bytesOf(turns) <= maxBytes) return turns;
  const wanted = maxBytes * 0.75;
  let kept = turns;
  for (let index = 0; index < turns.length - 1; index++) {
    kept = kept.map((turn, at) => (at === index ? cutTurn(turn, keptCharacters) : turn));
    if (bytesOf(kept) <= wanted) return kept;
  }
  while (kept.length > 1) {
    kept = kept.slice(1);
    if (bytesOf(kept) <= wanted) return kept;
  }
  // A character takes six bytes of JSON at most.
  const texts = kept.flatMap(({ tool }) => tool.content).length + 1;
  kept = kept.map((turn) => cutTurn(turn, Math.floor(wanted / 6 / texts / 2)));
  return bytesOf(kept) <= maxBytes ? kept : [];
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
