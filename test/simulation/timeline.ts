/** Virtual time: events in the order of their time, and of two at the same time the first that was planned. */
export interface Timeline {
  /** Milliseconds since the schedule began. */
  now(): number;
  /** Plans an event; the answer takes it back. */
  at(ms: number, run: () => void): () => void;
  /** Runs the next event and everything that can go on because of it. False when none is left. */
  step(): Promise<boolean>;
}

interface Event {
  readonly at: number;
  readonly order: number;
  /** Null once it was taken back. */
  run: (() => void) | null;
}

export function createTimeline(): Timeline {
  const heap: Event[] = [];
  let now = 0;
  let order = 0;

  const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(event: Event): void {
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  function pop(): Event | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, two] = [heap[left], heap[left + 1]];
      if (!one) break;
      const least = two && isBefore(two, one) ? left + 1 : left;
      const below = heap[least];
      if (!below || isBefore(last, below)) break;
      heap[index] = below;
      index = least;
    }
    heap[index] = last;
    return first;
  }

  return {
    now: () => now,
    at(ms, run) {
      const event: Event = { at: Math.max(ms, now), order: order++, run };
      push(event);
      return () => {
        event.run = null;
      };
    },
    async step() {
      let event = pop();
      while (event && !event.run) event = pop();
      if (!event?.run) return false;
      now = event.at;
      event.run();
      await settled();
      return true;
    },
  };
}

/** One turn of the event loop runs every promise that can go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
