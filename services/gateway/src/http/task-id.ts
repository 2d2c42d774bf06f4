import { TaskError } from '../tasks/errors.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The path's `{id}`. What can't be an id is answered like one that nobody has. */
export function taskId(text: string): string {
  if (!uuid.test(text)) throw new TaskError('not_found');
  return text.toLowerCase();
}
