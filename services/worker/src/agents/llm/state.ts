import type { Json } from '@tickwork/task/task';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Turn } from './history.ts';

const tokens = Type.Integer({ minimum: 0 });
const usageSchema = Type.Object({
  input_tokens: tokens,
  output_tokens: tokens,
  total_tokens: tokens,
  /** Answers of the model, over all attempts. */
  steps: tokens,
});
export type Usage = Static<typeof usageSchema>;

const answerSchema = Type.Object({ success: Type.Boolean(), text: Type.String(), notes: Type.String() });
export type Answer = Static<typeof answerSchema>;

const stateSchema = Type.Object({
  v: Type.Literal(1),
  turns: Type.Array(
    Type.Object({
      assistant: Type.Object({ role: Type.Literal('assistant'), content: Type.Unknown() }),
      tool: Type.Object({ role: Type.Literal('tool'), content: Type.Array(Type.Unknown()) }),
    }),
  ),
  usage: usageSchema,
  /** The task had its answer, and only its end was not written. */
  answer: Type.Union([Type.Null(), answerSchema]),
});

/** What a checkpoint holds: all but the mandate and the settings, which every attempt has anyway. */
export interface State {
  readonly turns: readonly Turn[];
  readonly usage: Usage;
  readonly answer: Answer | null;
}

export const noState: State = {
  turns: [],
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0, steps: 0 },
  answer: null,
};

/** As it will be read again: without what JSON leaves out. */
export const writeState = (state: State): Json => JSON.parse(JSON.stringify({ v: 1, ...state }));

/** Null for what another version of this agent, or another agent, has left. */
export function readState(state: Json): State | null {
  if (!Value.Check(stateSchema, state)) return null;
  const { turns, usage, answer } = state;
  return { turns: turns as unknown as Turn[], usage, answer };
}

export function addUsage(all: Usage, step: Omit<Usage, 'steps'>): Usage {
  return {
    input_tokens: all.input_tokens + step.input_tokens,
    output_tokens: all.output_tokens + step.output_tokens,
    total_tokens: all.total_tokens + step.total_tokens,
    steps: all.steps + 1,
  };
}
