import { type Agent, AgentError } from '../../services/worker/src/agents/agent.ts';
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
] as const;
export type Kind = (typeof kinds)[number];

export interface AgentHooks {
  readonly process: Process;
  readonly onStart: (mandate: string) => void;
  readonly onStop: (mandate: string) => void;
  readonly killProcess: () => void;
}

const silenceMs = 90_000;

/** An agent that does nothing but spend time and ticks. Whatever it reports names its mandate. */
export function createAgent({ process, onStart, onStop, killProcess }: AgentHooks): Agent {
  const { clock } = process;
  return {
    async run({ mandate }, { tick, signal }) {
      onStart(mandate);
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
      try {
        await act[kindOf(mandate)]({ rest, ticks, killProcess, sleep: (ms) => clock.sleep(ms) });
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
};

function kindOf(mandate: string): Kind {
  const kind = kinds.find((name) => mandate.startsWith(`${name} `));
  if (!kind) throw new Error(`no kind of task: ${mandate}`);
  return kind;
}
