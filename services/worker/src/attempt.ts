import type { Clock } from '@tickwork/runtime/process/clock';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { advance, type TaskEvent } from '@tickwork/task/lifecycle';
import type { Checkpoint, Progress } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import { storableJson } from '@tickwork/task/storable';
import { type Agent, type AgentContext, AgentError, type AgentTask } from './agents/agent.ts';
import { checkpointText, notesText } from './agents/limits.ts';
import { encodeResult } from './agents/result.ts';
import type { WorkerEmitter } from './events.ts';
import { type Finished, finishedBy } from './finished.ts';

export interface AttemptOptions {
  readonly agent: Agent;
  readonly task: AgentTask;
  readonly resume: Checkpoint | null;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reporter: { report(progress: Progress): Promise<void> };
  readonly events: WorkerEmitter;
  readonly resultLimitBytes: number;
}

export interface Attempt {
  /** Calls the agent; its ticks are counted and reported. Never throws. */
  run(): Promise<Finished>;
  /** From now on the agent can tell nothing more: whatever it calls throws `reason`. */
  close(reason: unknown): void;
  /** Reports the last checkpoint with all the time that the agent has run, so that the next attempt counts it. */
  reportTime(): void;
  /** When it last gave a sign of life, by the clock. While it waits for Redis to take a checkpoint, it is now. */
  lastSignAt(): number;
  /** It left a checkpoint with more ticks than it began with. */
  gotOn(): boolean;
}

/** One call of the agent, from where an earlier attempt left off. */
export function createAttempt(options: AttemptOptions): Attempt {
  const { agent, resume, signal, clock, log, reporter, events, resultLimitBytes } = options;
  const { correlationId, mandate, maxTicks } = options.task;
  const startedAt = clock.now();
  let status: Status = 'accepted';
  let spent = resume?.tick ?? 0;
  let last = resume;
  let signAt = startedAt;
  let tickedAt = startedAt;
  let awaited = 0;
  let over: { readonly reason: unknown } | null = null;

  const ranMs = () => Math.round((resume?.ranMs ?? 0) + clock.now() - startedAt);

  function assertOpen(): void {
    if (over) throw over.reason;
  }

  function move(event: Extract<TaskEvent, 'start' | 'tick'>): void {
    const next = advance(status, event);
    if (next !== status) events.emit('status_changed', { correlationId, status: next });
    status = next;
  }

  async function report(progress: Partial<Omit<Progress, 'status'>>): Promise<void> {
    if (status !== 'started' && status !== 'in_progress') return;
    await reporter.report({ tick: null, result: null, checkpoint: null, ...progress, status });
  }

  async function tick(notes?: string): Promise<void> {
    assertOpen();
    const told = notes === undefined ? null : storableJson({ notes: notesText(notes) });
    if (spent >= maxTicks) throw new AgentError(`the budget of ${maxTicks} ticks is spent`);
    spent += 1;
    signAt = clock.now();
    events.emit('ticked', { correlationId, tick: spent, seconds: (signAt - tickedAt) / 1000 });
    tickedAt = signAt;
    move('tick');
    void report({ tick: spent, result: told });
  }

  async function checkpoint(state: unknown): Promise<void> {
    assertOpen();
    last = { state: checkpointText(state), tick: spent, ranMs: ranMs() };
    awaited += 1;
    await report({ checkpoint: last });
    awaited -= 1;
    signAt = clock.now();
  }

  const openContext = (): AgentContext => ({
    tick,
    checkpoint,
    resume: resume && { state: JSON.parse(resume.state), tick: resume.tick },
    signal,
    log,
  });

  return {
    async run() {
      try {
        move('start');
        void report({});
        signal.throwIfAborted();
        const result = await agent.run({ correlationId, mandate, maxTicks }, openContext());
        return { kind: 'completed', result: encodeResult(result, resultLimitBytes) };
      } catch (error) {
        if (!signal.aborted) events.emit('agent_failed', { correlationId, error });
        return finishedBy(error);
      }
    },
    close(reason) {
      over ??= { reason };
    },
    reportTime() {
      if (last) void report({ checkpoint: { ...last, ranMs: ranMs() } });
    },
    lastSignAt: () => (awaited > 0 ? clock.now() : signAt),
    gotOn: () => (last?.tick ?? 0) > (resume?.tick ?? 0),
  };
}
