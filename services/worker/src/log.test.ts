import { createLogger } from '@tickwork/runtime/telemetry/logger';
import { expect, test } from 'vitest';
import { AgentError, RetryableAgentError } from './agents/agent.ts';
import { createWorkerEvents } from './events.ts';
import { logWorker } from './log.ts';

const correlationId = '0190a8f0-0000-7000-8000-000000000000';

function logged() {
  const lines: Record<string, unknown>[] = [];
  const events = createWorkerEvents();
  const write = (line: string) => void lines.push(JSON.parse(line));
  logWorker(events, createLogger({ name: 'test', level: 'info' }, { write }));
  return { events, lines };
}

test('a retry is a line with its reason and its wait', () => {
  const { events, lines } = logged();
  events.emit('task_claimed', { correlationId, attempt: 2, resumed: true, waitedMs: 40 });
  events.emit('task_retried', { correlationId, reason: 'asked', waitMs: 1800 });
  events.emit('agent_left_behind', { correlationId });
  expect(lines).toMatchObject([
    { correlation_id: correlationId, attempt: 2, resumed: true, waited_ms: 40 },
    { correlation_id: correlationId, reason: 'asked', wait_ms: 1800 },
    { level: 'warn', correlation_id: correlationId },
  ]);
});

test('what an agent tells its user is in no line', () => {
  const { events, lines } = logged();
  for (const error of [new AgentError('private words'), new RetryableAgentError('private words')]) {
    events.emit('agent_failed', { correlationId, error });
  }
  expect(lines.map((line) => line['error_name'])).toEqual(['AgentError', 'RetryableAgentError']);
  expect(JSON.stringify(lines)).not.toContain('private');
});

test('an error that nobody foresaw comes with its stack, for whoever runs the agent', () => {
  const { events, lines } = logged();
  events.emit('agent_failed', { correlationId, error: new TypeError('x is undefined') });
  expect(lines).toMatchObject([{ err: { type: 'TypeError', message: 'x is undefined' } }]);
});
