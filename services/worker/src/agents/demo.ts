import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig, milliseconds } from '@tickwork/runtime/process/config';
import { Type } from 'typebox';
import { type Agent, AgentError, type AgentTask, type CreateAgent } from './agent.ts';

const longestWaitSeconds = 3600;
const schema = Type.Object({ DEMO_TICK_MS: milliseconds(300, { minimum: 0, maximum: 60_000 }) });

export const createAgent: CreateAgent = ({ env }) =>
  createDemoAgent({ tickMs: loadConfig(schema, env).DEMO_TICK_MS });

/**
 * Works through the mandate piece by piece, one tick and one checkpoint each; deterministic, without network. `fail: reason` ends in
 * error, and `wait 30s: …` takes that long in all, so that both can be seen by anyone.
 */
function createDemoAgent({ tickMs }: { tickMs: number }): Agent {
  return {
    async run(task, { tick, checkpoint, resume, signal }) {
      const failure = /^fail:(.*)$/su.exec(task.mandate);
      if (failure) throw new AgentError(failure[1]?.trim().slice(0, 200) || 'the mandate asked to fail');
      const { pieces, pauseMs } = planDemo(task, tickMs);
      // The pieces follow from the mandate, so how many are done is all that another attempt has to know.
      const deliverables = pieces.map((piece, index) => `${index + 1}. ${piece}`);
      for (let done = Number(resume?.state ?? 0); done < pieces.length; ) {
        await delay(pauseMs, undefined, { signal });
        done += 1;
        await tick(`${done} of ${pieces.length} pieces done`);
        await checkpoint(done);
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
