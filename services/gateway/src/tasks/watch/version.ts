import { type Stamp, stampFromTimestamp } from '@tickwork/task/stamp';
import type { Task } from '@tickwork/task/task';

/** Tells one state of a task from any other: a row's stamp never stands still when it changes, and a row's id never returns. */
export interface Version {
  readonly stamp: Stamp;
  /** The row's own. */
  readonly id: string;
}

export function versionOf({ id, updatedAt }: Pick<Task, 'id' | 'updatedAt'>): Version {
  return { stamp: stampFromTimestamp(updatedAt), id };
}

export const printVersion = ({ stamp, id }: Version): string => `${stamp}-${id}`;

const printed = /^(\d{1,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Reads what `printVersion` made; null for anything else. */
export function parseVersion(text: string): Version | null {
  const [, stamp, id] = printed.exec(text) ?? [];
  return stamp && id && Number.isSafeInteger(Number(stamp)) ? { stamp: Number(stamp), id } : null;
}

/** Another row under the same correlation_id is newer, whatever its stamp. */
export function isNewer(version: Version, than: Version): boolean {
  return version.id !== than.id || version.stamp > than.stamp;
}
