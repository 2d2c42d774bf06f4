import { describe, expect, test } from 'vitest';
import { advance, lifecycle, senders, type TaskEvent } from './lifecycle.ts';
import { isFinal, type Status, statuses } from './status.ts';

describe('the lifecycle', () => {
  test('a final status refuses every event', () => {
    const outcomes = statuses.filter(isFinal).flatMap((status) => Object.values(lifecycle[status]));
    expect(new Set(outcomes)).toEqual(new Set(['refused']));
  });

  test('every status that is not final can be claimed again, fail, and be cancelled', () => {
    for (const status of statuses.filter((status) => !isFinal(status))) {
      expect(advance(status, 'claim')).toBe('accepted');
      expect(advance(status, 'fail')).toBe('error');
      expect(advance(status, 'cancel')).toBe('cancelled');
    }
  });

  test("the document's way: accepted, started, in_progress, completed", () => {
    const events: TaskEvent[] = ['claim', 'start', 'tick', 'tick', 'complete'];
    let status: Status = 'pending';
    const way = events.map((event) => {
      status = advance(status, event);
      return status;
    });
    expect(way).toEqual(['accepted', 'started', 'in_progress', 'in_progress', 'completed']);
  });

  test('nothing leads back to pending, and back to accepted only a claim', () => {
    const edges = statuses.flatMap((from) =>
      Object.entries(lifecycle[from]).map(([event, to]) => ({ from, event, to })),
    );
    const into = (status: Status) =>
      new Set(edges.flatMap(({ event, to }) => (to === status ? [event] : [])));
    expect(into('pending')).toEqual(new Set());
    expect(into('accepted')).toEqual(new Set(['claim']));
    expect(into('completed')).toEqual(new Set(['complete']));
  });

  test('somebody may send each event, and only its owner cancels', () => {
    expect(Object.values(senders).every((list) => list.length > 0)).toBe(true);
    const owners = Object.entries(senders).filter(([, list]) => list.includes('owner'));
    expect(owners).toEqual([['cancel', ['owner']]]);
  });

  test('a refused event throws and names both', () => {
    expect(() => advance('completed', 'tick')).toThrow('a task that is completed refuses tick');
  });
});
