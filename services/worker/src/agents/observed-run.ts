import { createClock } from '@tickwork/runtime/process/clock';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { type Agent, AgentError, type AgentTask, type Resume } from './agent.ts';
import { checkpointText, notesText } from './limits.ts';

/** What an agent told: `call` when it was called, then each tick and checkpoint. `count` is of its kind, from 1. */
export interface Told {
  readonly what: 'call' | 'tick' | 'checkpoint';
  readonly count: number;
}

export interface RunOptions {
  readonly agent: Agent;
  readonly task: AgentTask;
  readonly resume?: Resume | null;
  readonly log: Logger;
  /** How long it may run, and then how long it may take to stop. Milliseconds. */
  readonly endsWithinMs: number;
  readonly stopsWithinMs: number;
  /** When it is told to stop. */
  readonly stopAt?: (told: Told) => boolean;
  readonly onLateCall: (what: string) => void;
}

/** A run of an agent, as a worker would have seen it. */
export interface ObservedRun {
  readonly outcome:
    | { readonly kind: 'ended'; readonly result: unknown }
    | { readonly kind: 'threw'; readonly error: unknown }
    | { readonly kind: 'ran_on' };
  /** All that are spent, those before it was resumed included. */
  readonly ticks: number;
  readonly checkpoints: readonly Resume[];
}

const clock = createClock();

/** Runs an agent in a context that keeps a worker's rules, without a worker. */
export async function observeRun(options: RunOptions): Promise<ObservedRun> {
  const { agent, task, resume = null, log, endsWithinMs, stopsWithinMs, onLateCall } = options;
  const stop = new AbortController();
  const done = new AbortController();
  const checkpoints: Resume[] = [];
  let ticks = resume?.tick ?? 0;

  function told(what: Told['what'], count: number): void {
    if (options.stopAt?.({ what, count })) stop.abort(new DOMException('told to stop', 'AbortError'));
  }
  function assertOpen(what: string): void {
    if (!done.signal.aborted) return;
    onLateCall(what);
    throw new DOMException('this attempt is over', 'AbortError');
  }

  const context = {
    async tick(notes?: string) {
      assertOpen('tick');
      if (notes !== undefined) notesText(notes);
      if (ticks >= task.maxTicks) throw new AgentError(`the budget of ${task.maxTicks} ticks is spent`);
      ticks += 1;
      told('tick', ticks - (resume?.tick ?? 0));
    },
    async checkpoint(state: unknown) {
      assertOpen('checkpoint');
      checkpoints.push({ state: JSON.parse(checkpointText(state)), tick: ticks });
      told('checkpoint', checkpoints.length);
    },
    resume,
    signal: stop.signal,
    log,
  };

  async function run(): Promise<ObservedRun['outcome']> {
    try {
      return { kind: 'ended', result: await agent.run(task, context) };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }
  async function ranOn(): Promise<ObservedRun['outcome']> {
    await clock.sleep(endsWithinMs, AbortSignal.any([stop.signal, done.signal]));
    if (!done.signal.aborted) stop.abort(new DOMException('its time is up', 'TimeoutError'));
    await clock.sleep(stopsWithinMs, done.signal);
    return { kind: 'ran_on' };
  }

  const running = run();
  told('call', 1);
  const outcome = await Promise.race([running, ranOn()]);
  done.abort();
  return { outcome, ticks, checkpoints };
}
