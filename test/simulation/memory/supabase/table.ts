import { maxMandateLength, maxTicksLimit } from '@tickwork/task/envelope';
import type { Stamp } from '@tickwork/task/stamp';
import { isStatus } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import { type Failure, toTaskError } from '../../../../services/gateway/src/supabase/errors.ts';
import type { TaskProtection } from '../protections.ts';
import { jsonbSize } from './jsonb.ts';

export const dayUs = 86_400_000_000;

/** A row of public.tasks. Never changed in place: a change puts another in its stead. */
export interface Row extends Omit<Task, 'createdAt' | 'updatedAt'> {
  readonly createdAt: Stamp;
  readonly updatedAt: Stamp;
}

/** All that the database holds, and what its functions ask of it. */
export interface Database {
  /** By correlation_id, in the order of their inserts. */
  readonly rows: Map<string, Row>;
  /** Tasks that were charged, by user and day. */
  readonly usage: Map<string, number>;
  readonly dailyLimit: number;
  readonly activeLimit: number;
  /** The database's clock, in microseconds since 1970. */
  now(): Stamp;
  uuid(): string;
  lacks(protection: TaskProtection): boolean;
}

/** How PostgREST tells each: the code, and the HTTP status that goes with it. */
const failures = {
  forbidden: { code: '42501', status: 403 },
  duplicate: { code: '23505', status: 409 },
  check: { code: '23514', status: 400 },
  text: { code: '22P02', status: 400 },
  badBody: { code: 'PGRST102', status: 400 },
  nul: { code: '22P05', status: 400 },
  badCall: { code: 'PT400', status: 400 },
  tooMany: { code: 'PT413', status: 413 },
  ended: { code: 'PT409', status: 409 },
  kept: { code: 'PT422', status: 422 },
  quota: { code: 'TW429', status: 429 },
  network: { code: '', status: 0 },
} as const;

/** The error that the real adapter makes of PostgREST's answer. */
export function refusal(name: keyof typeof failures, more: Failure = {}) {
  const { code, status } = failures[name];
  return toTaskError({ ...more, code }, status);
}

/** Half a surrogate pair or a NUL anywhere in a request's body fails all of it. */
export function requireReadable(...texts: readonly (string | null)[]): void {
  for (const text of texts) {
    if (text?.isWellFormed() === false) throw refusal('badBody');
    if (text?.includes('\u0000')) throw refusal('nul');
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (text: string) => uuid.test(text);

const maxResultBytes = 1_048_576;
const maxErrorLength = 8000;

/** The table's constraints. False where one is broken. */
export function meetsConstraints(row: Row): boolean {
  return (
    isStatus(row.status) &&
    isBetween(row.maxTicks, 1, maxTicksLimit) &&
    isBetween(lengthOf(row.mandate), 1, maxMandateLength) &&
    isUuid(row.correlationId) &&
    (row.tick === null || isBetween(row.tick, 0, row.maxTicks)) &&
    (row.result === null || jsonbSize(row.result) <= maxResultBytes) &&
    (row.error === null || lengthOf(row.error) <= maxErrorLength)
  );
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Code points, as char_length counts. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

export function toTask(row: Row): Task {
  return { ...row, createdAt: timestampOf(row.createdAt), updatedAt: timestampOf(row.updatedAt) };
}

/** As PostgREST prints a timestamptz: in UTC, without the zeros at its end. */
export function timestampOf(stamp: Stamp): string {
  const second = new Date(Math.floor(stamp / 1_000_000) * 1000).toISOString().slice(0, 19);
  const micros = stamp % 1_000_000;
  const fraction = micros ? `.${String(micros).padStart(6, '0').replace(/0+$/, '')}` : '';
  return `${second}${fraction}+00:00`;
}
