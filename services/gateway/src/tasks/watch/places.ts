import { TaskError } from '../errors.ts';

export interface Places {
  /** Throws `too_many_watchers` for a user who has all of theirs, `overloaded` when the process has no more. */
  take(userId: string): void;
  free(userId: string): void;
}

/** How many may watch at once, so that nobody exhausts the process. */
export function createPlaces({ most, mostPerUser }: { most: number; mostPerUser: number }): Places {
  const perUser = new Map<string, number>();
  let taken = 0;
  return {
    take(userId) {
      const own = perUser.get(userId) ?? 0;
      if (own >= mostPerUser) throw new TaskError('too_many_watchers');
      if (taken >= most) throw new TaskError('overloaded');
      perUser.set(userId, own + 1);
      taken += 1;
    },
    free(userId) {
      const left = (perUser.get(userId) ?? 0) - 1;
      if (left > 0) perUser.set(userId, left);
      else perUser.delete(userId);
      taken -= 1;
    },
  };
}
