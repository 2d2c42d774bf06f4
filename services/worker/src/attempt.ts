import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { advance, type TaskEvent } from '@tickwork/task/lifecycle';
import type { Progress } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import { storableJson, storableText } from '@tickwork/task/storable';
import type { TaskEnd } from '@tickwork/task/task';
import { type Agent, AgentError, type AgentTask } from './agents/agent.ts';
import type { WorkerEmitter } from './events.ts';

export interface AttemptOptions {
  readonly agent: Agent;
  readonly task: AgentTask;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly reporter: { report(progress: Progress): void };
  readonly events: WorkerEmitter;
}

/** One call of the agent: its ticks are counted and reported, and whatever becomes of it is how the task ends. Never throws. */
export function createAttempt(options: AttemptOptions): () => Promise<TaskEnd> {
  const { agent, signal, log, reporter, events } = options;
  const { correlationId, mandate, maxTicks } = options.task;
  let status: Status = 'accepted';
  let spent = 0;

  function report(event: Extract<TaskEvent, 'start' | 'tick'>, tick: number | null, notes?: string): void {
    const next = advance(status, event);
    if (next !== status) events.emit('status_changed', { correlationId, status: next });
    status = next;
    const result = notes === undefined ? null : storableJson({ notes });
    if (next === 'started' || next === 'in_progress') reporter.report({ status: next, tick, result });
  }

  async function tick(notes?: string): Promise<void> {
    signal.throwIfAborted();
    if (spent >= maxTicks) throw new AgentError(`the budget of ${maxTicks} ticks is spent`);
    spent += 1;
    events.emit('ticked');
    report('tick', spent, notes);
  }

  return async () => {
    report('start', null);
    try {
      const result = await agent.run({ correlationId, mandate, maxTicks }, { tick, signal, log });
      return { status: 'completed', result: storableJson(result), error: null };
    } catch (error) {
      if (!signal.aborted) events.emit('agent_failed', { correlationId, error });
      return { status: 'error', result: null, error: describe(error) };
    }
  };
}

function describe(error: unknown): string {
  return error instanceof AgentError ? storableText(error.message) : 'the agent failed';
}
