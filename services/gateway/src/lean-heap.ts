import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { GatewayEmitter } from './events.ts';

/** Lean from so many on, until there are fewer than `few`: a number that moves about one of them must not collect again and again. */
const many = 500;
const few = 400;
/** V8's own choice. */
const preset = 0;
const percent = 20;

/**
 * While many watch, V8 collects when the heap has grown by a fifth, and not when it has doubled and more: what a burst of new streams
 * leaves behind would else stay with the process, 30 KB a stream. Requests cost up to 40 % more CPU then, so not always. V8 reads
 * this flag at the end of each collection, so one is made at once: the limit that was set before would be three times the heap, and
 * pages that were in use once stay with the process in V8's pool.
 */
export function keepHeapLean(
  events: GatewayEmitter,
  setFlag: (flag: string) => void = setFlagsFromString,
  collect: () => void = collectGarbage,
): void {
  let watchers = 0;
  let isLean = false;
  events.on('watching', ({ change }) => {
    watchers += change;
    if (!isLean && watchers >= many) {
      isLean = true;
      setFlag(`--heap-growing-percent=${percent}`);
      collect();
    }
    if (isLean && watchers < few) {
      isLean = false;
      setFlag(`--heap-growing-percent=${preset}`);
    }
  });
}

/** Node gives no other way to V8's collector; the context that brings it is garbage afterwards. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
