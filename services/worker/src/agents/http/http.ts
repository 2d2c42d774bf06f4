import { createClock } from '@tickwork/runtime/process/clock';
import type { CreateAgent } from '../agent.ts';
import { createCall } from './call.ts';
import { loadHttpAgentConfig } from './config.ts';

/** Hands each task to the service at AGENT_HTTP_URL: docs/http-agent.md. */
export const createAgent: CreateAgent = ({ env }) => {
  const config = loadHttpAgentConfig(env);
  const call = createCall(config, createClock());
  return {
    async run(task, context) {
      try {
        return await call(task, context);
      } catch (error) {
        // Whatever else it looks like, it was cut off from here.
        context.signal.throwIfAborted();
        throw error;
      }
    },
  };
};
