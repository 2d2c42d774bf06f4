import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import { storableJson } from '@tickwork/task/storable';
import {
  type AssistantModelMessage,
  type FinishReason,
  InvalidToolInputError,
  jsonSchema,
  type ModelMessage,
  NoSuchToolError,
  streamText,
  type ToolSet,
  tool,
} from 'ai';
import { Value } from 'typebox/value';
import { Agent, fetch } from 'undici';
import { serverAttributes, traceHeaders } from '../outbound.ts';
import type { Usage } from './state.ts';
import type { Tool } from './tool.ts';

export interface ModelOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** 0: the endpoint's own limit. */
  readonly maxOutputTokens: number;
  readonly tools: readonly Tool[];
}

export interface ModelRequest {
  readonly system: string;
  readonly messages: ModelMessage[];
  /** `forbidden`: told, but not to be called. Some endpoints don't heed that; `absent` leaves nothing to call. */
  readonly tools: 'offered' | 'forbidden' | 'absent';
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Why it can't be made, for the model: its arguments were no JSON or of another shape, or there is no such tool. */
  readonly problem: string | null;
}

export interface ModelAnswer {
  readonly message: AssistantModelMessage;
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Omit<Usage, 'steps'>;
}

/** One call of the model. Throws what the AI SDK throws, or the signal's reason. */
export type Model = (request: ModelRequest, signal: AbortSignal) => Promise<ModelAnswer>;

/** A model behind an OpenAI-compatible endpoint. Answers are streamed: no proxy on the way takes a long one for a dead one. */
export function createModel({ baseUrl, model, apiKey, maxOutputTokens, tools }: ModelOptions): Model {
  // Its warnings would go to standard error as plain text.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  // Time limits are ours: undici's own end after 300 s without a header, which a long prompt on a small machine can take.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const provider = createOpenAICompatible({
    name: 'llm',
    baseURL: baseUrl,
    includeUsage: true,
    fetch: ((url: string, init: { readonly headers: Record<string, string> }) =>
      fetch(url, {
        ...init,
        headers: { ...init.headers, ...traceHeaders() },
        dispatcher,
      })) as unknown as typeof globalThis.fetch,
    ...(apiKey && { apiKey }),
  });
  const toolSet = describeTools(tools);

  /** After the conventions for generative AI; nothing that was said is in it. */
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    ...serverAttributes(new URL(baseUrl)),
  };

  async function ask(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const streaming = streamText({
      model: provider(model),
      instructions: request.system,
      messages: request.messages,
      ...(request.tools !== 'absent' && { tools: toolSet }),
      ...(request.tools === 'forbidden' && { toolChoice: 'none' }),
      ...(maxOutputTokens > 0 && { maxOutputTokens }),
      maxRetries: 0,
      telemetry: { isEnabled: false },
      abortSignal: signal,
      onError: () => {},
    });
    for await (const part of streaming.stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') signal.throwIfAborted();
    }
    // Not before: it is a promise from its first look on, and a rejection that nobody handles ends the worker.
    const { text, toolCalls, finishReason, usage, response } = await streaming.finalStep;
    const { inputTokens = 0, outputTokens = 0, totalTokens = inputTokens + outputTokens } = usage;
    const calls = toolCalls.map((call) => {
      const problem = call.invalid ? problemOf(call.error, tools) : null;
      return { id: call.toolCallId, name: call.toolName, input: problem ? {} : call.input, problem };
    });
    return {
      message: messageOf(response.messages, calls),
      text: text.trim(),
      calls,
      finishReason,
      usage: { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens },
    };
  }

  return (request, signal) =>
    withSpan(`chat ${model}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const answer = await ask(request, signal);
      span.setAttribute('gen_ai.usage.input_tokens', answer.usage.input_tokens);
      span.setAttribute('gen_ai.usage.output_tokens', answer.usage.output_tokens);
      return answer;
    });
}

function describeTools(tools: readonly Tool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, input }) => [
      name,
      tool({
        description,
        inputSchema: jsonSchema<Record<string, unknown>>(input, {
          validate: (value) =>
            Value.Check(input, value)
              ? { success: true, value: value as Record<string, unknown> }
              : { success: false, error: new Error('another shape') },
        }),
      }),
    ]),
  );
}

/** As JSON has it, so that it is the same when it comes back from a checkpoint; without arguments that were of no use. */
function messageOf(messages: readonly ModelMessage[], calls: readonly ToolCall[]): AssistantModelMessage {
  const said = messages.find((message) => message.role === 'assistant') ?? { role: 'assistant', content: [] };
  const inputs = new Map(calls.map(({ id, input }) => [id, input]));
  const content = typeof said.content === 'string' ? [{ type: 'text', text: said.content }] : said.content;
  const cleaned = content.map((part) =>
    part.type === 'tool-call' && 'toolCallId' in part
      ? { ...part, input: inputs.get(part.toolCallId) ?? {} }
      : part,
  );
  return JSON.parse(storableJson({ ...said, content: cleaned }));
}

function problemOf(error: unknown, tools: readonly Tool[]): string {
  if (NoSuchToolError.isInstance(error))
    return `There is no such tool. There are: ${tools.map(({ name }) => name).join(', ')}.`;
  const wanted = tools.find(({ name }) => InvalidToolInputError.isInstance(error) && error.toolName === name);
  return `The arguments were not valid. They must be one JSON object of this schema: ${JSON.stringify(wanted?.input ?? {})}`;
}
