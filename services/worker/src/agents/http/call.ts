import { type Clock, within } from '@tickwork/runtime/process/clock';
import { type Dispatcher, request } from 'undici';
import { type AgentContext, AgentError, type AgentResult, type AgentTask } from '../agent.ts';
import { type Outbound, outbound, traceHeaders } from '../outbound.ts';
import type { HttpAgentConfig } from './config.ts';
import { connectionFailure, createDispatcher } from './connection.ts';
import { acceptedStreams, readerOf } from './event-texts.ts';
import { ProtocolError } from './events.ts';
import { followEvents } from './follow.ts';
import { refusalOf } from './refusal.ts';
import { signatureHeaders } from './signature.ts';

type CallClock = Pick<Clock, 'sleep' | 'wallTime' | 'uuid'>;

/** How long a service may take to end its answer after the result. Nobody waits for it. */
const endingLimitMs = 2000;

/** One request, and its answer followed to the result. */
export function createCall(config: HttpAgentConfig, clock: CallClock) {
  const dispatcher = createDispatcher(config);
  const called: Outbound<Dispatcher.ResponseData> = {
    method: 'POST',
    server: config.url,
    statusOf: ({ statusCode }) => statusCode,
  };

  async function post(task: AgentTask, context: AgentContext): Promise<Dispatcher.ResponseData> {
    const body = bodyOf(task, context);
    const headers = () => ({
      'content-type': 'application/json',
      accept: acceptedStreams.join(', '),
      'accept-encoding': 'identity',
      'user-agent': 'tickwork-worker',
      ...traceHeaders(),
      ...signatureHeaders(config.secrets, { id: `msg_${clock.uuid()}`, sentAt: clock.wallTime(), body }),
    });
    const { signal } = context;
    try {
      return await outbound(called, () =>
        request(config.url, { dispatcher, method: 'POST', headers: headers(), body, signal }),
      );
    } catch (error) {
      throw connectionFailure(error, config, context);
    }
  }

  /** Leaves the stream open where the events end early: what becomes of it is decided by why. */
  async function* chunksOf(body: Dispatcher.ResponseData['body'], context: AgentContext) {
    try {
      yield* body.iterator({ destroyOnReturn: false });
    } catch (error) {
      throw connectionFailure(error, config, context);
    }
  }

  /** A service that is cut off while it ends its answer would take that for a stop. */
  async function letEnd(body: Dispatcher.ResponseData['body']): Promise<void> {
    const rest = { limit: Number.MAX_SAFE_INTEGER };
    await within(clock, endingLimitMs, (signal) => body.dump({ ...rest, signal }), null).catch(() => {});
  }

  async function follow(response: Dispatcher.ResponseData, context: AgentContext): Promise<AgentResult> {
    const { statusCode, headers, body } = response;
    if (statusCode !== 200) {
      context.log.warn({ http_status: statusCode }, 'the agent service refused a task');
      throw await refusalOf(response, clock);
    }
    const read = readerOf(headers);
    const result = await followEvents(read(chunksOf(body, context)), context);
    void letEnd(body);
    return result;
  }

  return async (task: AgentTask, context: AgentContext): Promise<AgentResult> => {
    const response = await post(task, context);
    // One that is destroyed while nobody reads would end the process.
    response.body.on('error', () => {});
    try {
      return await follow(response, context);
    } catch (error) {
      response.body.destroy();
      if (!(error instanceof ProtocolError)) throw error;
      context.log.warn({ reason: error.message }, 'the agent service broke the protocol');
      throw new AgentError(`the agent service broke the protocol: ${error.message}`);
    }
  };
}

function bodyOf(task: AgentTask, { resume }: AgentContext): string {
  return JSON.stringify({
    v: 1,
    correlation_id: task.correlationId,
    mandate: task.mandate,
    max_ticks: task.maxTicks,
    resume: resume && { state: resume.state, tick: resume.tick },
  });
}
