import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type AgentContext,
  AgentError,
  type AgentResult,
  type AgentTask,
  type CreateAgent,
  RetryableAgentError,
} from '@tickwork/worker/agent';

/** What the agent saw: a line each, of all workers and in their order. */
export interface Seen {
  readonly at: number;
  readonly pid: number;
  /** A correlation_id; '' of the process itself. */
  readonly task: string;
  readonly what: 'begun' | 'kept' | 'told' | 'done' | 'exit';
  /** What it went on from, what it kept, or the exit code. */
  readonly value: unknown;
}

interface Call extends AgentContext {
  readonly task: AgentTask;
  /** What follows the name in the mandate. */
  readonly argument: string;
  readonly stepMs: number;
  /** How often the agent was called for this task, with this time. */
  calls(): number;
  seen(): Seen[];
  note(what: Seen['what'], value?: unknown): void;
}

const done = (notes = 'done'): AgentResult => ({ success: true, deliverables: [], notes });

async function keep(call: Call, state: number): Promise<void> {
  await call.checkpoint(state);
  call.note('kept', state);
}

const scripts: Readonly<Record<string, (call: Call) => Promise<AgentResult>>> = {
  /** `steps 8`: a tick and a checkpoint each. */
  async steps(call) {
    for (let step = Number(call.resume?.state ?? 0); step < Number(call.argument); ) {
      await wait(call.stepMs, undefined, { signal: call.signal });
      await call.tick();
      await keep(call, ++step);
    }
    return done();
  },
  /** `outlive 3`: ticks and checkpoints for as long as it takes to lose its worker three times. */
  async outlive(call) {
    for (let step = Number(call.resume?.state ?? 0); ; ) {
      await wait(call.stepMs, undefined, { signal: call.signal });
      await call.tick();
      await keep(call, ++step);
      if (call.calls() > Number(call.argument)) return done();
    }
  },
  /** `hold 4`: keeps how often it was told to stop, and nothing else; done after the fourth time. No tick, so it never gets on. */
  async hold(call) {
    const times = Number(call.resume?.state ?? 0);
    if (times >= Number(call.argument)) return done();
    await wait(120_000, undefined, { signal: call.signal }).catch(() => {});
    call.note('told', times);
    await keep(call, times + 1);
    throw call.signal.reason;
  },
  /** Neither ticks nor heeds its signal. */
  never: () => new Promise(() => {}),
  /** `busy 2`: succeeds after the second time. */
  async busy(call) {
    if (call.calls() <= Number(call.argument)) throw new RetryableAgentError('the model is busy');
    return done();
  },
  refuse: ({ argument }) => Promise.reject(new AgentError(argument)),
  broken: () => Promise.reject(new TypeError('a detail that no user reads')),
  /** Gets on, but fails after each second of it. */
  async crawl(call) {
    const until = performance.now() + 1000;
    for (let step = Number(call.resume?.state ?? 0); performance.now() < until; ) {
      await wait(call.stepMs, undefined, { signal: call.signal });
      await call.tick();
      await keep(call, ++step);
    }
    throw new RetryableAgentError('not yet');
  },
  /** `large 9`: a result of more than as many bytes. */
  large: ({ argument }) => Promise.resolve(done('x'.repeat(Number(argument)))),
  /** `rush 200`: as many ticks, one each millisecond. */
  async rush(call) {
    for (let step = 1; step <= Number(call.argument); step++) {
      await wait(1);
      await call.tick(`step ${step}`);
    }
    return done(`all ${call.argument}`);
  },
  /** `poison 2`: kills its worker, once two other tasks got on beside it or are done. */
  async poison(call) {
    const begun = call.seen().length;
    const others = () => {
      const lines = call.seen().filter(({ task, what }, i) => {
        return task !== call.task.correlationId && (what === 'done' || (what === 'kept' && i >= begun));
      });
      return new Set(lines.map(({ task }) => task)).size;
    };
    while (others() < Number(call.argument)) await wait(20);
    process.kill(process.pid, 'SIGKILL');
    return done();
  },
};

/** Does what the mandate names, and writes to the file JOURNAL what it sees. @public */
export const createAgent: CreateAgent = ({ env }) => {
  const { JOURNAL: journal = '', STEP_MS: stepMs = '100' } = env;
  const write = (seen: Pick<Seen, 'task' | 'what' | 'value'>) =>
    appendFileSync(journal, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...seen })}\n`);
  process.on('exit', (code) => write({ task: '', what: 'exit', value: code }));
  return {
    async run(task, context) {
      const [name = '', argument = ''] = task.mandate.split(/ (.*)/);
      const script = scripts[name];
      if (!script) throw new AgentError(`no script is called ${name}`);
      const note = (what: Seen['what'], value: unknown = null) =>
        write({ task: task.correlationId, what, value });
      const seen = () => readJournal(journal);
      const calls = () =>
        seen().filter((one) => one.task === task.correlationId && one.what === 'begun').length;
      note('begun', context.resume?.state);
      const result = await script({ ...context, task, argument, stepMs: Number(stepMs), calls, seen, note });
      note('done');
      return result;
    },
  };
};

/** Every whole line. */
export function readJournal(file: string): Seen[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Seen);
}
