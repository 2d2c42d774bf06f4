import { type Clock, createClock } from '@tickwork/runtime/process/clock';
import { pino } from 'pino';
import {
  type Agent,
  AgentError,
  type AgentResult,
  type Resume,
} from '../../services/worker/src/agents/agent.ts';
import { checkpointText } from '../../services/worker/src/agents/limits.ts';

export interface AgentRun {
  readonly result: Promise<AgentResult>;
  readonly notes: string[];
  readonly checkpoints: Resume[];
  readonly log: string[];
}

/** Runs an agent as a worker would, and keeps what it told. */
export function runAgent(
  agent: Agent,
  {
    mandate = 'What is on the page?',
    maxTicks = 10,
    resume = null,
    signal = new AbortController().signal,
  }: { mandate?: string; maxTicks?: number; resume?: Resume | null; signal?: AbortSignal } = {},
): AgentRun {
  const notes: string[] = [];
  const checkpoints: Resume[] = [];
  const log: string[] = [];
  let spent = resume?.tick ?? 0;
  const result = agent.run(
    { correlationId: '00000000-0000-4000-8000-000000000001', mandate, maxTicks },
    {
      async tick(note) {
        signal.throwIfAborted();
        if (spent >= maxTicks) throw new AgentError(`the budget of ${maxTicks} ticks is spent`);
        spent += 1;
        if (note !== undefined) notes.push(note);
      },
      async checkpoint(state) {
        checkpoints.push({ state: JSON.parse(checkpointText(state)), tick: spent });
      },
      resume,
      signal,
      log: pino({ level: 'trace' }, { write: (line) => void log.push(line) }),
    },
  );
  result.catch(() => {});
  return { result, notes, checkpoints, log };
}

/** Time limits are kept; what else sleeps takes no time, and is told. */
export function createImpatientClock(isLimit: (ms: number) => boolean): Clock & { readonly slept: number[] } {
  const clock = createClock();
  const slept: number[] = [];
  return {
    ...clock,
    slept,
    wallTime: () => Date.UTC(2030, 0, 1),
    random: () => 0,
    async sleep(ms, signal) {
      if (isLimit(ms)) await clock.sleep(ms, signal);
      else slept.push(ms);
    },
  };
}
