import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { Json } from '@tickwork/task/task';

export interface AgentTask {
  readonly correlationId: string;
  readonly mandate: string;
  readonly maxTicks: number;
}

/** What an earlier attempt left: its state, and the ticks that were spent by then. Ticks go on from there. */
export interface Resume {
  readonly state: Json;
  readonly tick: number;
}

/**
 * What an agent is given. While it stops, what it tells is still kept; `tick` and `checkpoint` throw once its attempt is over, or
 * the task is another worker's. @public
 */
export interface AgentContext {
  /**
   * Spends one tick of the budget, and may say what is done, in 2,000 code points; what is longer is cut. Waits for nothing: of ticks
   * that come fast the newest is written, ten times a second. Throws AgentError once the budget is spent.
   */
  tick(notes?: string): Promise<void>;
  /**
   * Keeps a state from which another attempt can go on, in place of the last one: JSON, at most 256 KiB. Resolves once Redis has it,
   * or when the task is stopped; that can take a tenth of a second, and longer while Redis is away. Throws AgentError for one that is
   * too large or no JSON.
   */
  checkpoint(state: Json): Promise<void>;
  /** Null where there is nothing to go on from: begin at the beginning. */
  readonly resume: Resume | null;
  /** Aborts when the task was cancelled, another worker has it, its time is up, or this worker shuts down. Stop then. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface AgentResult {
  readonly success: boolean;
  readonly deliverables: readonly string[];
  readonly notes: string;
  /** What else the agent has to say of its work, such as the tokens that it used. */
  readonly [more: string]: unknown;
}

/** What carries a mandate out. It must stand being run twice for one task: a worker can be lost at any point. */
export interface Agent {
  run(task: AgentTask, context: AgentContext): Promise<AgentResult>;
}

/** What an agent's module exports: makes the agent once per process, from the worker's environment. Throws ConfigError. */
export type CreateAgent = (settings: { env: NodeJS.ProcessEnv; log: Logger }) => Agent | Promise<Agent>;

/** A failure that trying again would not mend: the task ends in error with this message, which its user reads. */
export class AgentError extends Error {
  override readonly name: string = 'AgentError';
}

/**
 * A failure that may pass: the task is tried again from its last checkpoint, after a wait that grows, until its attempts are spent;
 * then it ends in error with this message. Any other error than these two is tried again too, but its message stays here.
 */
export class RetryableAgentError extends AgentError {
  override readonly name = 'RetryableAgentError';
  /** Milliseconds: no less than this is waited before the next try, an hour at most. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs = 0, cause }: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}
