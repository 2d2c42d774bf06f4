import { createLogger, type Logger } from '@tickwork/runtime/telemetry/logger';
import type { Agent, AgentTask, CreateAgent, Resume } from './agent.ts';
import { type ObservedRun, observeRun, type Told } from './observed-run.ts';
import { encodeResult } from './result.ts';

export interface CheckOptions {
  /** One that the agent carries out, within `maxTicks`, and best in several ticks. */
  readonly mandate: string;
  /** 10 unless told otherwise. */
  readonly maxTicks?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Nothing is logged without it. */
  readonly log?: Logger;
  /** How long one run may take: a minute unless told otherwise. Milliseconds. */
  readonly endsWithinMs?: number;
  /** How long it may take to stop: 5 s, as a worker waits, unless told otherwise. Milliseconds. */
  readonly stopsWithinMs?: number;
  /**
   * False for an agent that takes another way each time, as a model may: a run that goes on from a checkpoint is then held to the
   * budget alone, else also to the ticks of a run that nothing cut off.
   */
  readonly repeatable?: boolean;
  /** Of how many checkpoints each run is cut off or resumed: the first so many, 10 unless told otherwise. */
  readonly mostCheckpoints?: number;
}

/** Of one rule for agents. `reason` says what was against it. */
export interface AgentCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly reason: string | null;
}

/**
 * Holds an agent to what a worker expects of one, by running it many times. Resolves to each rule and whether it holds; never
 * rejects. `createAgent` is called anew for nearly each run, as another worker would. @public
 */
export async function checkAgent(createAgent: CreateAgent, options: CheckOptions): Promise<AgentCheck[]> {
  const bench = createBench(createAgent, options);
  const checks: AgentCheck[] = [];
  for (const [check, run] of Object.entries(rules)) {
    const reason = await run(bench).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    checks.push({ check, ok: reason === null, reason });
  }
  return checks;
}

interface RunChange {
  readonly agent?: Agent;
  readonly task?: AgentTask;
  readonly resume?: Resume;
  readonly stopAt?: (told: Told) => boolean;
}

type Bench = ReturnType<typeof createBench>;

function createBench(createAgent: CreateAgent, options: CheckOptions) {
  const { env = {}, mandate, maxTicks = 10, endsWithinMs = 60_000, stopsWithinMs = 5000 } = options;
  const log = options.log ?? createLogger({ name: 'agent', level: 'silent' });
  const task: AgentTask = { correlationId: '00000000-0000-4000-8000-000000000001', mandate, maxTicks };
  const lateCalls: string[] = [];
  async function create(): Promise<Agent> {
    const agent = await createAgent({ env, log });
    if (typeof agent?.run === 'function') return agent;
    throw new Error('what createAgent gave has no function run');
  }
  async function run(change: RunChange = {}) {
    const agent = change.agent ?? (await create());
    const onLateCall = (what: string) => void lateCalls.push(what);
    return observeRun({ task, log, endsWithinMs, stopsWithinMs, onLateCall, ...change, agent });
  }
  const { repeatable = true, mostCheckpoints = 10 } = options;
  return { task, create, run, lateCalls, endsWithinMs, stopsWithinMs, repeatable, mostCheckpoints };
}

const rules: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  'ends with a result, within its budget of ticks': async (bench) => {
    assertEnded(await bench.run(), bench);
  },
  'ends with a result also where it has one tick': async (bench) => {
    assertEnded(await bench.run({ task: { ...bench.task, maxTicks: 1 } }), bench);
  },
  'can be run twice for one task, also at once': async (bench) => {
    const agent = await bench.create();
    const runs = await Promise.all([bench.run({ agent }), bench.run({ agent })]);
    for (const run of runs) assertEnded(run, bench);
  },
  'stops soon when it is told to as it is called': (bench) => assertStops(bench, 'call'),
  'stops soon when it is told to at a tick': (bench) => assertStops(bench, 'tick'),
  'stops soon when it is told to at a checkpoint': (bench) => assertStops(bench, 'checkpoint'),
  'goes on from each of its checkpoints, as after a lost worker': async (bench) => {
    const whole = await bench.run();
    assertEnded(whole, bench);
    for (const resume of whole.checkpoints.slice(0, bench.mostCheckpoints)) {
      await assertGoesOn(bench, resume, whole);
    }
  },
  'goes on from where it stopped when it was told to': async (bench) => {
    const whole = await bench.run();
    assertEnded(whole, bench);
    for (let at = 1; at <= Math.min(whole.checkpoints.length, bench.mostCheckpoints); at++) {
      const { checkpoints } = await bench.run({
        stopAt: ({ what, count }) => what === 'checkpoint' && count === at,
      });
      const resume = checkpoints.at(-1);
      if (resume) await assertGoesOn(bench, resume, whole);
    }
  },
  'tells nothing once it has ended': async ({ lateCalls }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (lateCalls.length > 0) throw new Error(`it called ${lateCalls[0]} after its end`);
  },
};

function assertEnded({ outcome, ticks }: ObservedRun, { task, endsWithinMs }: Bench): void {
  if (outcome.kind === 'ran_on') throw new Error(`it did not end within ${endsWithinMs} ms`);
  if (outcome.kind === 'threw') throw new Error(`it threw ${told(outcome.error)}`);
  encodeResult(outcome.result, Number.POSITIVE_INFINITY);
  if (ticks > task.maxTicks) throw new Error(`it spent ${ticks} ticks of ${task.maxTicks}`);
}

/** What it throws, or gives, once it was told to stop is its own affair. */
async function assertStops({ run, stopsWithinMs }: Bench, at: Told['what']): Promise<void> {
  const { outcome } = await run({ stopAt: ({ what, count }) => what === at && count === 1 });
  if (outcome.kind === 'ran_on')
    throw new Error(`it ran on for ${stopsWithinMs} ms after it was told to stop`);
}

async function assertGoesOn(bench: Bench, resume: Resume, whole: ObservedRun): Promise<void> {
  const run = await bench.run({ resume });
  const from = `from its checkpoint of tick ${resume.tick}: `;
  try {
    assertEnded(run, bench);
  } catch (error) {
    throw new Error(`${from}${error instanceof Error ? error.message : error}`);
  }
  if (bench.repeatable && run.ticks > whole.ticks)
    throw new Error(`${from}it spent ${run.ticks} ticks in all, and ${whole.ticks} when nothing cut it off`);
}

const told = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
