import { setTimeout as wait } from 'node:timers/promises';
import { AgentError, type CreateAgent } from '@tickwork/worker/agent';

/** Shortens a mandate, one sentence per tick. */
export const createAgent: CreateAgent = ({ env }) => {
  const words = Number(env['SUMMARY_WORDS'] ?? 4);
  return {
    async run({ mandate, maxTicks }, { tick, checkpoint, resume, signal }) {
      if (!/\w/.test(mandate)) throw new AgentError('the mandate has no words');
      const sentences = mandate.split(/(?<=[.!?])\s+/).slice(0, maxTicks);
      const lines = (resume?.state ?? []) as string[];
      for (const sentence of sentences.slice(lines.length)) {
        await wait(100, undefined, { signal }); // here yours calls a model or an API
        lines.push(sentence.split(/\s+/).slice(0, words).join(' '));
        await tick(`${lines.length} of ${sentences.length} sentences`);
        await checkpoint(lines);
      }
      return { success: true, deliverables: lines, notes: `${words} words of each sentence` };
    },
  };
};
