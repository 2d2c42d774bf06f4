import { type Clock, within } from '@tickwork/runtime/process/clock';
import type { Dispatcher } from 'undici';
import { AgentError, RetryableAgentError } from '../agent.ts';
import { retryAfterOf } from '../retry-after.ts';
import { shortened } from '../shortened.ts';
import { longestMessage } from './follow.ts';

const longestBodyBytes = 64 * 1024;
const bodyLimitMs = 5000;

/** What an answer other than 200 means. Its text is the service's own only where that says that it is for users: `error.message`. */
export async function refusalOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  clock: Pick<Clock, 'sleep' | 'wallTime'>,
): Promise<AgentError> {
  const said = await within(clock, bodyLimitMs, () => readMessage(body), null).catch(() => null);
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const hint = isRedirect ? ', and redirects are not followed' : '';
  const message = said ?? `the agent service answered with status ${statusCode}${hint}`;
  if (!mayPass(statusCode)) return new AgentError(message);
  return new RetryableAgentError(message, {
    retryAfterMs: retryAfterOf(headers['retry-after'], clock.wallTime()) ?? 0,
  });
}

const mayPass = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

async function readMessage(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestBodyBytes) return null;
  }
  const message = JSON.parse(Buffer.concat(chunks).toString())?.error?.message;
  return typeof message === 'string' && message.trim() !== '' ? shortened(message, longestMessage) : null;
}
