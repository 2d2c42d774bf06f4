import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import { createSlots, type Slots } from './slots.ts';

/** The text of an HTML page, links included. Throws HtmlRefused, or the signal's reason. */
export type HtmlText = (html: string, url: string, signal: AbortSignal) => Promise<string>;

export class HtmlRefused extends Error {
  override readonly name = 'HtmlRefused';
}

/**
 * Works in a thread of its own, which can be ended: a page of 2 MB that nests its elements deeply holds the parser up for minutes, and
 * would hold up every task of this worker with it. Each page gets a fresh thread, without our environment; two at a time.
 */
export function createHtmlText(options: { clock: Pick<Clock, 'sleep'>; timeLimitMs: number }): HtmlText {
  const { clock, timeLimitMs } = options;
  const slots = createSlots(2);
  return async (html, url, signal) => {
    const giveBack = await takeSlot(slots, signal);
    try {
      return await withTimeLimit(clock, timeLimitMs, (limit) =>
        convert({ html, url }, AbortSignal.any([signal, limit])),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Error && error.name === 'TimeoutError'
        ? new HtmlRefused('the page is too complex to be read')
        : error;
    } finally {
      giveBack();
    }
  };
}

/** Who stops waiting gives the slot back once it comes. */
async function takeSlot(slots: Slots, signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted();
  const taken = new AbortController();
  const place = slots.take();
  const stopped = once(signal, 'abort', { signal: taken.signal }).then(() => null);
  const giveBack = await Promise.race([place, stopped.catch(() => null)]);
  taken.abort();
  if (giveBack) return giveBack;
  void place.then((give) => give());
  throw signal.reason;
}

async function convert(page: { html: string; url: string }, signal: AbortSignal): Promise<string> {
  const thread = new Worker(new URL('./html-text.thread.ts', import.meta.url), {
    workerData: page,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  try {
    const [text] = await once(thread, 'message', { signal });
    return String(text);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new HtmlRefused('the page could not be parsed', { cause: error });
  } finally {
    await thread.terminate();
  }
}
