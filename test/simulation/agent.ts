import {
  type Agent,
  AgentError,
  type Resume,
  RetryableAgentError,
} from '../../services/worker/src/agents/agent.ts';
import type { Process } from './process.ts';

/** What the tasks of a schedule ask for. A mandate is a kind and a number, and no two rows share one. */
export const kinds = [
  'quick',
  'long',
  'silent',
  'fail',
  'unstorable',
  'poison',
  'deadly',
  'stubborn',
  'steps',
  'flaky',
  'hopeless',
  'stuck',
  'survivor',
] as const;
export type Kind = (typeof kinds)[number];

export interface AgentHooks {
  readonly process: Process;
  readonly onStart: (mandate: string, resume: Resume | null) => void;
  readonly onStop: (mandate: string) => void;
  readonly killProcess: () => void;
}

const silenceMs = 90_000;
const manySteps = 5;

/** An agent that does nothing but spend time and ticks. Whatever it reports and leaves names its mandate. */
export function createAgent({ process, onStart, onStop, killProcess }: AgentHooks): Agent {
  const { clock } = process;
  return {
    async run({ mandate }, { tick, checkpoint, resume, signal }) {
      onStart(mandate, resume);
      let at = stepOf(resume);
      const rest = async (ms: number) => {
        await clock.sleep(ms, signal);
        signal.throwIfAborted();
      };
      const ticks = async (count: number, pauseMs: number) => {
        for (let done = 1; done <= count; done++) {
          await rest(pauseMs);
          await tick(`${mandate}: ${done}`);
        }
      };
      const keep = () => checkpoint({ mandate, at });
      const step = async () => {
        await ticks(1, 300);
        at += 1;
        await keep();
      };
      const sleep = (ms: number) => clock.sleep(ms);
      const failsNow = () => clock.random() < 0.3;
      const acting = { rest, ticks, sleep, step, keep, failsNow, at: () => at, killProcess };
      try {
        await act[kindOf(mandate)](acting);
        return { success: true, deliverables: [], notes: mandate };
      } finally {
        onStop(mandate);
      }
    },
  };
}

interface Acting {
  readonly rest: (ms: number) => Promise<void>;
  readonly ticks: (count: number, pauseMs: number) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  /** A tick, and a checkpoint after it. */
  readonly step: () => Promise<void>;
  /** A checkpoint without one. */
  readonly keep: () => Promise<void>;
  /** How many steps were made, over all attempts. */
  readonly at: () => number;
  readonly failsNow: () => boolean;
  readonly killProcess: () => void;
}

const act: Readonly<Record<Kind, (acting: Acting) => Promise<void>>> = {
  quick: ({ ticks }) => ticks(2, 400),
  long: ({ ticks }) => ticks(6, 1500),
  silent: ({ rest }) => rest(silenceMs),
  fail: async ({ ticks }) => {
    await ticks(1, 300);
    throw new AgentError('the agent was asked to fail');
  },
  // Longer than the table's constraint takes.
  unstorable: async ({ ticks }) => {
    await ticks(1, 300);
    throw new AgentError('x'.repeat(8001));
  },
  poison: async ({ ticks, rest, killProcess }) => {
    await ticks(1, 300);
    killProcess();
    await rest(silenceMs);
  },
  /** Kills its worker before anything of it is told. */
  deadly: async ({ rest, killProcess }) => {
    killProcess();
    await rest(silenceMs);
  },
  /** Does not heed its signal for a while. */
  stubborn: async ({ ticks, sleep }) => {
    await ticks(2, 400);
    await sleep(4000);
  },
  steps: async ({ step, at }) => {
    while (at() < manySteps) await step();
  },
  flaky: async ({ step, at, rest, failsNow }) => {
    while (at() < manySteps) {
      await rest(100);
      if (failsNow()) throw new RetryableAgentError('not now', { retryAfterMs: 500 });
      await step();
    }
  },
  hopeless: async ({ rest }) => {
    await rest(300);
    throw new Error('the same each time');
  },
  /** Gets on once, and then kills each worker, although it leaves checkpoints. */
  stuck: async ({ step, keep, at, rest, killProcess }) => {
    if (at() === 0) await step();
    await keep();
    killProcess();
    await rest(silenceMs);
  },
  /** Kills more workers than it has attempts, but gets on. */
  survivor: async ({ step, at, rest, killProcess }) => {
    if (at() === manySteps) return;
    await step();
    killProcess();
    await rest(silenceMs);
  },
};

function stepOf(resume: Resume | null): number {
  const { state } = resume ?? {};
  const at = typeof state === 'object' && state !== null && 'at' in state ? state['at'] : 0;
  return Number(at);
}

function kindOf(mandate: string): Kind {
  const kind = kinds.find((name) => mandate.startsWith(`${name} `));
  if (!kind) throw new Error(`no kind of task: ${mandate}`);
  return kind;
}
