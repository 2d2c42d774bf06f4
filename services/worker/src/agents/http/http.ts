import { createClock } from '@tickwork/runtime/process/clock';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { CreateAgent } from '../agent.ts';
import { createCall } from './call.ts';
import { loadHttpAgentConfig } from './config.ts';

/** Hands each task to the service at AGENT_HTTP_URL: docs/http-agent.md. */
export const createAgent: CreateAgent = ({ env }) => {
  const config = loadHttpAgentConfig(env);
  const call = createCall(config, createClock());
  const attributes = { 'http.request.method': 'POST', 'server.address': config.url.hostname };
  return {
    async run(task, context) {
      try {
        return await withSpan('call agent service', { kind: SpanKind.CLIENT, attributes }, () =>
          call(task, context),
        );
      } catch (error) {
        // Whatever else it looks like, it was cut off from here.
        context.signal.throwIfAborted();
        throw error;
      }
    },
  };
};
