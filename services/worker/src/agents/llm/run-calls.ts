import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { storableText } from '@tickwork/task/storable';
import type { ToolModelMessage } from 'ai';
import { shortened } from '../shortened.ts';
import type { ToolCall } from './model.ts';
import { type Tool, ToolFailure } from './tool.ts';

/** More at once would only take the model's room. */
const maxCalls = 5;

interface Answered {
  readonly text: string;
  readonly note: string;
  readonly failed: boolean;
}

/** Makes a step's tool calls, all at once. What fails is told to the model; only the signal's reason is thrown. */
export async function runCalls(
  calls: readonly ToolCall[],
  { tools, signal, log }: { tools: readonly Tool[]; signal: AbortSignal; log: Logger },
): Promise<{ message: ToolModelMessage; notes: readonly string[] }> {
  async function run(call: ToolCall, index: number): Promise<Answered> {
    const name = shortened(call.name, 60);
    const tool = tools.find((each) => each.name === call.name);
    if (call.problem !== null || !tool)
      return failed(
        call.problem ?? 'There is no such tool.',
        `Could not use ${name}: the call was not valid`,
      );
    if (index >= maxCalls)
      return failed(
        `Not done: at most ${maxCalls} calls in one step.`,
        `Left out a call of ${name}: too many at once`,
      );
    try {
      return { ...(await tool.run(call.input, signal)), failed: false };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ToolFailure) return failed(error.message, error.note);
      // Its message may hold what the model asked for, and so the mandate.
      log.warn({ tool: name, error_name: error instanceof Error ? error.name : 'none' }, 'a tool failed');
      return failed('The tool failed.', `${name} failed`);
    }
  }

  const answers = await Promise.all(calls.map(run));
  return {
    message: { role: 'tool', content: answers.map((answer, index) => resultOf(calls[index], answer)) },
    notes: answers.map(({ note }) => note),
  };
}

const failed = (text: string, note: string): Answered => ({ text, note, failed: true });

function resultOf(call: ToolCall | undefined, answer: Answered): ToolModelMessage['content'][number] {
  return {
    type: 'tool-result',
    toolCallId: call?.id ?? '',
    toolName: call?.name ?? '',
    output: { type: answer.failed ? 'error-text' : 'text', value: storableText(answer.text) },
  };
}
