import { reasonOf } from '@tickwork/runtime/telemetry/connection-log';
import { Agent as ConnectionPool, type Dispatcher } from 'undici';
import { type AgentContext, RetryableAgentError } from '../agent.ts';
import type { HttpAgentConfig } from './config.ts';

const connectLimitMs = 10_000;
type Limits = Pick<HttpAgentConfig, 'headersTimeoutMs' | 'silenceMs'>;

/**
 * A connection for each task: none is kept that the service may close just when the next request is written, and with HTTP/1.1 its
 * end tells the service that nobody listens. A stream that is held up by its reader is not silent.
 */
export function createDispatcher({ headersTimeoutMs, silenceMs }: Limits): Dispatcher {
  return new ConnectionPool({
    connect: { timeout: connectLimitMs },
    headersTimeout: headersTimeoutMs,
    bodyTimeout: silenceMs,
    pipelining: 0,
    allowH2: false,
  });
}

/** A failure below HTTP. Its reason may hold addresses, and so goes to the log alone. */
export function connectionFailure(
  error: unknown,
  { headersTimeoutMs, silenceMs }: Limits,
  { log, signal }: Pick<AgentContext, 'log' | 'signal'>,
): RetryableAgentError {
  if (!signal.aborted) log.warn({ reason: reasonOf(error) }, 'trouble with the agent service');
  const messages: Record<string, string> = {
    UND_ERR_HEADERS_TIMEOUT: `the agent service did not answer within ${headersTimeoutMs} ms`,
    UND_ERR_BODY_TIMEOUT: `the agent service said nothing for ${silenceMs} ms`,
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new RetryableAgentError(messages[code] ?? 'there is no connection to the agent service', {
    cause: error,
  });
}
