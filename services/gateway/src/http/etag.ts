import type { Task } from '@tickwork/task/task';
import { printVersion, versionOf } from '../tasks/watch/version.ts';

/** Strong: a row's id and stamp determine what is answered (RFC 9110, 8.8.3). */
export function etagOf(task: Pick<Task, 'id' | 'updatedAt'>): string {
  return `"${printVersion(versionOf(task))}"`;
}

/** Whether `If-None-Match` names this state, by the weak comparison that it asks for (RFC 9110, 13.1.2). */
export function isNamed(ifNoneMatch: string, task: Pick<Task, 'id' | 'updatedAt'>): boolean {
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etagOf(task));
}
