/** Every status a task can have, in the order of its life. The last three are final: nothing changes after them. */
export const statuses = [
  'pending',
  'accepted',
  'started',
  'in_progress',
  'completed',
  'error',
  'cancelled',
] as const;

export type Status = (typeof statuses)[number];
export type FinalStatus = 'completed' | 'error' | 'cancelled';

export function isStatus(value: unknown): value is Status {
  return statuses.some((status) => status === value);
}

export function isFinal(status: Status): status is FinalStatus {
  return status === 'completed' || status === 'error' || status === 'cancelled';
}
