import { setTimeout as delay } from 'node:timers/promises';
import { type Agent, AgentError, type AgentTask } from './agent.ts';

const longestWaitSeconds = 3600;

/**
 * Works through the mandate piece by piece, one tick each; deterministic, without network. `fail: reason` ends in error, and
 * `wait 30s: …` takes that long in all, so that both can be seen by anyone.
 */
export function createDemoAgent({ tickMs }: { tickMs: number }): Agent {
  return {
    async run(task, { tick, signal }) {
      const failure = /^fail:(.*)$/su.exec(task.mandate);
      if (failure) throw new AgentError(failure[1]?.trim().slice(0, 200) || 'the mandate asked to fail');
      const { pieces, pauseMs } = planDemo(task, tickMs);
      const deliverables: string[] = [];
      for (const [index, piece] of pieces.entries()) {
        await delay(pauseMs, undefined, { signal });
        deliverables.push(`${index + 1}. ${piece}`);
        await tick(`${index + 1} of ${pieces.length} pieces done`);
      }
      return { success: true, deliverables, notes: `The mandate had ${pieces.length} pieces.` };
    },
  };
}

/** The pieces are sentences or lines, put together where there are more than ticks. */
export function planDemo({ mandate, maxTicks }: Pick<AgentTask, 'mandate' | 'maxTicks'>, tickMs: number) {
  const wait = /^wait (\d{1,4})s:(.*)$/su.exec(mandate);
  const waitMs = wait ? Math.min(Number(wait[1]), longestWaitSeconds) * 1000 : null;
  const sentences = (wait?.[2] ?? mandate).split(/(?<=[.!?])\s+|\n+/u).map((piece) => piece.trim());
  const found = sentences.filter(Boolean);
  const all = found.length === 0 ? [mandate.trim()] : found;
  const size = Math.ceil(all.length / maxTicks);
  const pieces: string[] = [];
  for (let start = 0; start < all.length; start += size)
    pieces.push(all.slice(start, start + size).join(' '));
  return { pieces, pauseMs: waitMs === null ? tickMs : waitMs / pieces.length };
}
