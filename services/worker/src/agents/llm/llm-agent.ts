import type { Agent, AgentContext, AgentResult, AgentTask } from '../agent.ts';
import { AgentError } from '../agent.ts';
import { shortened } from '../shortened.ts';
import type { Ask } from './ask.ts';
import { bytesOf, shortenHistory } from './history.ts';
import type { createInstructions } from './instructions.ts';
import type { ModelAnswer } from './model.ts';
import { runCalls } from './run-calls.ts';
import { type Answer, addUsage, noState, readState, type State, writeState } from './state.ts';
import type { Tool } from './tool.ts';

export interface LlmAgentOptions {
  readonly ask: Ask;
  readonly tools: readonly Tool[];
  readonly instructions: ReturnType<typeof createInstructions>;
  readonly maxHistoryBytes: number;
}

/** One call of the model for each tick, and a checkpoint of all that was said after it. The last tick forces an answer. */
export function createLlmAgent({ ask, tools, instructions, maxHistoryBytes }: LlmAgentOptions): Agent {
  async function step(task: AgentTask, state: State, isLast: boolean, context: AgentContext): Promise<State> {
    const { mandate, maxTicks } = task;
    const answer = await ask(
      {
        system: instructions({ maxTicks, isLast }),
        messages: [
          { role: 'user', content: mandate },
          ...state.turns.flatMap(({ assistant, tool }) => [assistant, tool]),
        ],
        isLast,
      },
      context,
    );
    const usage = addUsage(state.usage, answer.usage);
    if (answer.calls.length === 0) {
      await context.tick('Wrote the answer');
      return { turns: [], usage, answer: conclude(answer, usage.steps, isLast) };
    }
    const { message, notes } = await runCalls(answer.calls, { tools, ...context });
    const turns = shortenHistory(
      [...state.turns, { assistant: answer.message, tool: message }],
      maxHistoryBytes,
    );
    await context.tick([shortened(answer.text, 300), ...notes].filter(Boolean).join('\n'));
    return { turns, usage, answer: null };
  }

  return {
    async run(task, context) {
      const { resume, log, checkpoint } = context;
      const spent = resume?.tick ?? 0;
      const left = resume && readState(resume.state);
      if (resume && !left) log.warn('the checkpoint is of another version: the agent begins anew');
      let state = left ?? noState;
      for (let tick = spent + 1; !state.answer && tick <= task.maxTicks; tick++) {
        state = await step(task, state, tick === task.maxTicks, context);
        // An answer may be longer than a checkpoint can be; the task ends with it in a moment anyway.
        if (!state.answer || bytesOf(state) <= maxHistoryBytes) await checkpoint(writeState(state));
      }
      if (!state.answer) throw new AgentError(`the budget of ${task.maxTicks} ticks is spent`);
      return resultOf(state.answer, state);
    },
  };
}

function conclude({ text, finishReason }: ModelAnswer, steps: number, isLast: boolean): Answer {
  const notes = [
    `The model took ${steps} ${steps === 1 ? 'step' : 'steps'}.`,
    ...(isLast ? ['That was the whole budget, so the answer may be less than complete.'] : []),
    ...(finishReason === 'length' ? ['The answer was cut off, as it reached the limit of its length.'] : []),
    ...(finishReason === 'content-filter' ? ['The model declined to answer.'] : []),
  ];
  return { success: finishReason !== 'content-filter', text, notes: notes.join(' ') };
}

const resultOf = ({ success, text, notes }: Answer, { usage }: State): AgentResult => ({
  success,
  deliverables: [text],
  notes,
  usage,
});
