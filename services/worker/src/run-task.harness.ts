import { randomUUID } from 'node:crypto';
import { type Clock, createClock } from '@tickwork/runtime/process/clock';
import type {
  Checkpoint,
  Claim,
  ClaimAnswer,
  HandBackAnswer,
  Progress,
  ReportAnswer,
  TaskReports,
} from '@tickwork/task/ports';
import type { TaskEnd } from '@tickwork/task/task';
import { pino } from 'pino';
import type { Agent, AgentResult } from './agents/agent.ts';
import { createWorkerEvents } from './events.ts';
import { createRunTask } from './run-task.ts';
import { createRunning } from './running.ts';

export const result: AgentResult = { success: true, deliverables: ['one'], notes: 'done' };
export const completing: Agent['run'] = async () => result;

interface Settings {
  readonly clock: Clock;
  readonly claimMs: number;
  readonly taskTimeoutMs: number;
  readonly tickTimeoutMs: number;
  readonly resultLimitBytes: number;
  readonly maxTicks: number;
}

const usual: Settings = {
  clock: createClock(),
  claimMs: 60,
  taskTimeoutMs: 3_600_000,
  tickTimeoutMs: 600_000,
  resultLimitBytes: 10_000,
  maxTicks: 5,
};

/** Runs tasks on a Redis that does as it is told, and keeps what was written and what became of each. */
export function createHarness(run: Agent['run'], settings: Partial<Settings> = {}) {
  const fake = createFakeReports();
  const shutdown = new AbortController();
  const end = new AbortController();
  const events = createWorkerEvents();
  const running = createRunning();
  const outcomes: string[] = [];
  const refusals: string[] = [];
  const retries: string[] = [];
  const waits: (number | null)[] = [];
  let failures = 0;
  let leftBehind = 0;
  events.on('task_claimed', ({ waitedMs }) => {
    outcomes.push('accepted');
    waits.push(waitedMs);
  });
  events.on('status_changed', ({ status }) => outcomes.push(status));
  events.on('task_left', ({ outcome }) => outcomes.push(outcome));
  events.on('claim_refused', ({ reason }) => refusals.push(reason));
  events.on('task_retried', ({ reason }) => retries.push(reason));
  events.on('agent_left_behind', () => leftBehind++);
  events.on('write_failed', () => failures++);
  const runTask = createRunTask({
    reports: fake.reports,
    agent: { run },
    events,
    logger: pino({ level: 'silent' }),
    running,
    ...usual,
    ...settings,
    queue: 'tasks',
    stopPatienceMs: 30,
    shutdown: shutdown.signal,
    end: end.signal,
  });
  const envelope = {
    id: randomUUID(),
    correlationId: randomUUID(),
    userId: randomUUID(),
    mandate: 'One. Two.',
    maxTicks: settings.maxTicks ?? usual.maxTicks,
    traceparent: null,
  };
  return {
    fake,
    run: (publishedAt: number | null = null) => runTask(envelope, publishedAt),
    correlationId: envelope.correlationId,
    running,
    shutDown: () => shutdown.abort(new DOMException('shutdown', 'AbortError')),
    endProcess: () => end.abort(),
    written: () => fake.writes,
    ends: fake.ends,
    tokens: fake.tokens,
    failures: () => failures,
    leftBehind: () => leftBehind,
    retries,
    waits,
    outcomes,
    refusals,
  };
}

type Operation = keyof TaskReports;

interface FakeReports {
  readonly writes: string[];
  readonly ends: TaskEnd[];
  readonly tokens: string[];
  readonly ticks: number[];
  mostAtOnce: number;
  claimAnswer: ClaimAnswer;
  answer: ReportAnswer;
  endAnswer: ReportAnswer;
  handBackAnswer: HandBackAnswer;
  readonly checkpoints: Checkpoint[];
  /** How many calls fail before one works. */
  readonly failuresBefore: Partial<Record<Operation, number>>;
  /** Reports wait from now on, until `open`. */
  hold(): void;
  open(): void;
  readonly reports: TaskReports;
}

function createFakeReports(): FakeReports {
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  let atOnce = 0;

  async function write<Answer>(operation: Operation, what: string, answer: () => Answer): Promise<Answer> {
    const left = fake.failuresBefore[operation] ?? 0;
    fake.failuresBefore[operation] = left - 1;
    if (left > 0) throw new Error('Redis is away');
    fake.writes.push(what);
    return answer();
  }

  async function report({ status, tick, result: notes, checkpoint }: Progress): Promise<ReportAnswer> {
    fake.mostAtOnce = Math.max(fake.mostAtOnce, ++atOnce);
    await gate.promise;
    atOnce -= 1;
    const parts = [status, tick, notes, checkpoint && `from ${checkpoint.tick}`];
    return write('report', parts.filter((part) => part !== null).join(' '), () => {
      if (tick !== null) fake.ticks.push(tick);
      if (checkpoint) fake.checkpoints.push(checkpoint);
      return fake.answer;
    });
  }

  const fake: FakeReports = {
    writes: [],
    ends: [],
    tokens: [],
    ticks: [],
    mostAtOnce: 0,
    claimAnswer: { claimed: true, attempt: 1, checkpoint: null },
    answer: 'written',
    endAnswer: 'written',
    handBackAnswer: 'handed_back',
    checkpoints: [],
    failuresBefore: {},
    hold: () => {
      gate = Promise.withResolvers();
    },
    open: () => gate.resolve(),
    reports: {
      claim: (claim: Claim) => {
        fake.tokens.push(claim.token);
        return write('claim', 'claim', () => fake.claimAnswer);
      },
      report: (_claim, progress) => report(progress),
      end: (_claim, end) =>
        write('end', end.status, () => {
          fake.ends.push(end);
          return fake.endAnswer;
        }),
      heartbeat: async () => fake.answer,
      handBack: (_claim, how) =>
        write(
          'handBack',
          `handBack ${how.waitMs} ${how.spent ? 'spent' : 'unspent'}`,
          () => fake.handBackAnswer,
        ),
    },
  };
  return fake;
}
