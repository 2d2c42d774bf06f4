import type { Logger } from '@tickwork/runtime/telemetry/logger';

export interface AgentTask {
  readonly correlationId: string;
  readonly mandate: string;
  readonly maxTicks: number;
}

/** What an agent is given. @public */
export interface AgentContext {
  /** Spends one tick of the budget, and may say what is done. Throws AgentError once the budget is spent. */
  tick(notes?: string): Promise<void>;
  /** Aborts when the task was cancelled, another worker has it, or this one shuts down. Stop then; nothing more is kept. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface AgentResult {
  readonly success: boolean;
  readonly deliverables: readonly string[];
  readonly notes: string;
}

/** What carries a mandate out. It must stand being run twice for one task: a worker can be lost at any point. */
export interface Agent {
  run(task: AgentTask, context: AgentContext): Promise<AgentResult>;
}

/** A failure whose message the user may read; of any other error only that the agent failed is told. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}
