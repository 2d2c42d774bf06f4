import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { readJournal, type Seen } from '../agents/scripted-agent.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

type Env = Readonly<Record<string, string>>;

interface Options {
  readonly claimMs: number;
  /** Added to both workers' environment. */
  readonly workers?: Env;
  readonly worker?: Env;
  readonly other?: Env;
  readonly reconciler?: Env;
}

interface Line {
  readonly msg: string;
  readonly correlation_id?: string;
  readonly wait_ms?: number;
}

/** Tickwork with the scripted agent, and what the agent saw, over all its workers. */
export async function startScripted(options: Options) {
  const { claimMs, workers, worker, other, reconciler } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tickwork-journal-'));
  const journal = join(folder, 'journal');
  writeFileSync(journal, '');
  const claim = { CLAIM_MS: String(claimMs) };
  const agent = {
    ...claim,
    AGENT: resolve(import.meta.dirname, '../agents/scripted-agent.ts'),
    JOURNAL: journal,
    ...workers,
  };
  const tickwork = await startTickwork({
    extraEnv: {
      reconciler: { ...claim, ...reconciler },
      worker: { ...agent, ...worker },
      other_worker: { ...agent, ...other },
    },
  });
  const user = await signIn(tickwork);
  const redis = new Redis(tickwork.redis.url);
  const seen = (task: string, ...whats: Seen['what'][]) =>
    readJournal(journal).filter((one) => one.task === task && whats.includes(one.what));
  return {
    tickwork,
    user,
    seen,
    untilSeen: (task: string, what: Seen['what'], times = 1) =>
      waitFor(`${what} ${times} times of ${task || 'a worker'}`, () => seen(task, what)[times - 1]),
    /** The exit code of each worker that ended by itself. */
    exits: () => seen('', 'exit').map(({ value }) => value),
    valuesOf: (task: string, what: Seen['what']) => seen(task, what).map(({ value }) => value),
    recordOf: (task: string) => redis.hgetall(`task:${task}`),
    told: (task: string, msg: string) => {
      const lines = tickwork.log('worker').split('\n').slice(0, -1);
      return lines
        .map((line) => JSON.parse(line) as Line)
        .filter((line) => line.correlation_id === task && line.msg === msg);
    },
    submit: async (mandate: string, maxTicks = 200): Promise<string> => {
      const response = await user.post({ mandate, max_ticks: maxTicks });
      return ((await response.json()) as { correlation_id: string }).correlation_id;
    },
    close: async () => {
      redis.disconnect();
      await tickwork.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
