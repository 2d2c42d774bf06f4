import {
  type Checkpoint,
  type Claim,
  type ClaimAnswer,
  type ClaimRefusal,
  type Found,
  findings,
  type HandBackAnswer,
  type Progress,
  type ReportAnswer,
  type ScanStep,
  type Seed,
  type TaskRecords,
  type TaskReports,
} from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import type { TaskEnd, TaskKey, TaskRecord, TaskUpdate } from '@tickwork/task/task';
import { HeldClaims } from './held-claims.ts';
import { type TaskKeys, taskKeys } from './keys.ts';
import { checkpointArguments, recordFields, toCheckpoint, toRecord } from './record-fields.ts';
import { ScanCursors } from './scan-cursors.ts';
import type { RecordCommands } from './scripts.ts';

export interface RedisTaskStorageSettings {
  readonly keyPrefix: string;
  /** How long a claim holds without a report or heartbeat. Worker and reconciler must agree on it. */
  readonly claimMs: number;
  readonly maxAttempts: number;
  /** The first wait after a dispatch, which doubles each time, up to the longest. */
  readonly dispatchWaitMs: number;
  readonly longestWaitMs: number;
  /** How long an ended record stays. Far longer than a claim, so that a late script finds it. */
  readonly recordTtlSeconds: number;
  readonly scanCount: number;
  /** Milliseconds, by a clock of this process that nobody sets. */
  readonly now: () => number;
}

const defaultStorageSettings: RedisTaskStorageSettings = {
  keyPrefix: '',
  claimMs: 15_000,
  maxAttempts: 3,
  dispatchWaitMs: 300_000,
  longestWaitMs: 3_600_000,
  recordTtlSeconds: 3600,
  scanCount: 500,
  now: () => performance.now(),
};

/** A report, an end, or a heartbeat: that has no status. */
interface Write {
  readonly status: string;
  readonly fields: Readonly<Record<string, string | number>>;
  readonly checkpoint: Checkpoint | null;
}

const refusals: Readonly<Record<number, ClaimRefusal>> = {
  0: 'ended',
  [-1]: 'no_record',
  [-2]: 'taken',
  [-3]: 'no_attempt_left',
};

const microseconds = (ms: number) => Math.round(ms * 1000);

/** The tasks' records in Redis: a worker's side (TaskReports) and the gateway's (TaskRecords). See the Lua files for each rule. */
export class RedisTaskStorage implements TaskReports, TaskRecords {
  readonly #redis: RecordCommands;
  readonly #settings: RedisTaskStorageSettings;
  readonly #keys: TaskKeys;
  readonly #held = new HeldClaims();
  readonly #cursors: ScanCursors;

  constructor(redis: RecordCommands, settings: Partial<RedisTaskStorageSettings> = {}) {
    this.#redis = redis;
    this.#settings = { ...defaultStorageSettings, ...settings };
    this.#keys = taskKeys(this.#settings.keyPrefix);
    this.#cursors = new ScanCursors(redis);
  }

  // TaskReports

  async claim(claim: Claim): Promise<ClaimAnswer> {
    const { maxAttempts, now } = this.#settings;
    const askedAtMs = now();
    const [code, stamp, dueAt, attempts, ...checkpointParts] = await this.#redis.taskClaim(
      ...this.#names(claim),
      claim.token,
      this.#hold(),
      maxAttempts,
    );
    if (code !== 1) return { claimed: false, reason: refusals[code] ?? 'taken' };
    const checkpoint = toCheckpoint(...checkpointParts);
    this.#held.begin(claim, { stamp, dueAt, attempts, askedAtMs }, checkpoint);
    return { claimed: true, attempt: Number(attempts), checkpoint };
  }

  report(claim: Claim, { status, tick, result, checkpoint }: Progress): Promise<ReportAnswer> {
    const fields = { ...(tick === null ? {} : { tick }), ...(result === null ? {} : { result }) };
    return this.#write(claim, { status, fields, checkpoint });
  }

  async end(claim: Claim, { status, result, error }: TaskEnd): Promise<ReportAnswer> {
    const fields = { result: result ?? '', error: error ?? '' };
    const answer = await this.#write(claim, { status, fields, checkpoint: null });
    this.#held.end(claim);
    return answer;
  }

  heartbeat(claim: Claim): Promise<ReportAnswer> {
    return this.#write(claim, { status: '', fields: {}, checkpoint: null });
  }

  /** As a write: a record that is gone is put back first, so that its checkpoint is not lost. */
  async handBack(
    claim: Claim,
    { waitMs, spent }: { waitMs: number; spent: boolean },
  ): Promise<HandBackAnswer> {
    const { maxAttempts, longestWaitMs } = this.#settings;
    const handBack = () =>
      this.#redis.taskHandBack(
        ...this.#names(claim),
        claim.token,
        microseconds(waitMs),
        microseconds(longestWaitMs),
        spent ? '1' : '0',
        maxAttempts,
      );
    let code = await handBack();
    if (code === -1 && (await this.#resume(claim))) code = await handBack();
    if (code === -3) return 'no_attempt_left';
    this.#held.end(claim);
    return code === 1 ? 'handed_back' : 'stop';
  }

  /** Writes; where the record is gone or put back by repair, puts it back whole first, if the claim still holds. */
  async #write(claim: Claim, write: Write): Promise<ReportAnswer> {
    let answer = await this.#update(claim, write);
    if (answer === 'lost' && (await this.#resume(claim))) answer = await this.#update(claim, write);
    if (answer === 'written') return 'written';
    this.#held.end(claim);
    return 'stop';
  }

  async #update(claim: Claim, { status, fields, checkpoint }: Write) {
    const askedAtMs = this.#settings.now();
    const [code, stamp, dueAt, attempts] = await this.#redis.taskUpdate(
      ...this.#names(claim),
      claim.token,
      this.#hold(),
      status,
      ...checkpointArguments(checkpoint),
      ...Object.entries(fields).flat(),
    );
    if (code === 1) {
      const written = status === '' ? {} : { status, ...fields };
      this.#held.told(claim, { stamp, dueAt, attempts, askedAtMs }, written, checkpoint);
      return 'written';
    }
    return code === 0 ? 'stop' : 'lost';
  }

  /** By Redis' clock and by this process' own the claim must not have run out: Redis' may have been set back. */
  async #resume(claim: Claim): Promise<boolean> {
    const held = this.#held.get(claim);
    const askedAtMs = this.#settings.now();
    if (!held || askedAtMs - held.askedAtMs > this.#settings.claimMs) return false;
    const [code, stamp, dueAt] = await this.#redis.taskResume(
      ...this.#names(claim),
      claim.token,
      this.#hold(),
      held.dueAt,
      held.stamp,
      ...checkpointArguments(held.checkpoint),
      ...Object.entries({ ...held.fields, attempts: held.attempts }).flat(),
    );
    if (code === 1) this.#held.told(claim, { stamp, dueAt, askedAtMs });
    return code === 1;
  }

  // TaskRecords

  async seed(seed: Seed): Promise<boolean> {
    const { userId, status, updatedAt, held, waitMs, traceparent } = seed;
    const claim = held ? '-' : '';
    const wait = microseconds(waitMs);
    const names = this.#names(seed);
    return (
      (await this.#redis.taskSeed(...names, userId, status, updatedAt, claim, wait, traceparent ?? '')) === 1
    );
  }

  async scheduleDispatch(key: TaskKey, waitMs: number): Promise<void> {
    await this.#redis.taskScheduleDispatch(...this.#names(key), microseconds(waitMs));
  }

  /** One round trip: the commands are written together. For an owner two: what another's record holds is not even fetched. */
  read(correlationIds: readonly string[], ownerId?: string): Promise<(TaskRecord | null)[]> {
    return Promise.all(
      correlationIds.map(async (correlationId) => {
        const key = this.#keys.recordPrefix + correlationId;
        const fetch = (...fields: readonly string[]) => this.#redis.hmget(key, ...fields).catch(noValues);
        if (ownerId !== undefined && (await fetch('user_id'))[0] !== ownerId) return null;
        return toRecord(correlationId, await fetch(...recordFields));
      }),
    );
  }

  async scanStep(cursor: string, quietAgeMs?: number): Promise<ScanStep> {
    const { recordPrefix, ahead, due } = this.#keys;
    const { scanCount, longestWaitMs } = this.#settings;
    const from = this.#cursors.open(cursor);
    const [next, keys, ...pairs] = await this.#redis.taskScanStep(
      recordPrefix,
      ahead,
      due,
      from.cursor,
      scanCount,
      this.#hold(),
      microseconds(longestWaitMs),
      ...(quietAgeMs === undefined ? [] : [microseconds(quietAgeMs)]),
    );
    return { cursor: from.next(next), keys, found: toFound(pairs), begunAnew: from.foreign };
  }

  async hinted(limit: number): Promise<readonly Found[]> {
    const { recordPrefix, ahead, due } = this.#keys;
    const longestWait = microseconds(this.#settings.longestWaitMs);
    return toFound(await this.#redis.taskHinted(recordPrefix, ahead, due, limit, this.#hold(), longestWait));
  }

  async confirm(sent: TaskUpdate): Promise<void> {
    const { recordTtlSeconds } = this.#settings;
    await this.#redis.taskConfirm(...this.#names(sent), sent.updatedAt, sent.status, recordTtlSeconds);
  }

  async settle(key: TaskKey): Promise<void> {
    const { recordTtlSeconds } = this.#settings;
    await this.#redis.taskSettle(...this.#names(key), recordTtlSeconds, this.#keys.settled);
  }

  async rebase(sent: TaskUpdate, rowUpdatedAt: Stamp): Promise<void> {
    await this.#redis.taskRebase(...this.#names(sent), sent.updatedAt, rowUpdatedAt);
  }

  async fail(sent: TaskUpdate, error: string): Promise<void> {
    await this.#redis.taskFail(...this.#names(sent), sent.updatedAt, error);
  }

  async reopen(key: TaskKey, rowUpdatedAt: Stamp): Promise<void> {
    await this.#redis.taskReopen(...this.#names(key), rowUpdatedAt);
  }

  async release(record: Pick<TaskRecord, 'correlationId' | 'id' | 'dueAt'>) {
    const { maxAttempts, dispatchWaitMs, longestWaitMs } = this.#settings;
    const answer = await this.#redis.taskRelease(
      ...this.#names(record),
      record.dueAt,
      this.#hold(),
      maxAttempts,
      microseconds(dispatchWaitMs),
      microseconds(longestWaitMs),
      `the task was given up after ${maxAttempts} attempts that did not end`,
    );
    return answer === 1 ? 'publish' : answer === 2 ? 'ended' : 'not_due';
  }

  #names({ correlationId, id }: TaskKey): [string, string, string, string, string] {
    const { recordPrefix, ahead, due } = this.#keys;
    return [recordPrefix + correlationId, ahead, due, correlationId, id];
  }

  #hold(): number {
    return microseconds(this.#settings.claimMs);
  }
}

/** A key of another type holds no record; one that somebody left must not hide the others. */
function noValues(error: unknown): [] {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return [];
  throw error;
}

function toFound(pairs: readonly string[]): Found[] {
  const found: Found[] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const finding = findings.find((name) => name === pairs[index + 1]);
    if (finding) found.push({ correlationId: pairs[index] ?? '', finding });
  }
  return found;
}
