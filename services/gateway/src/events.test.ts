import { createLogger } from '@tickwork/runtime/telemetry/logger';
import { expect, test } from 'vitest';
import { createGatewayEvents, logGateway } from './events.ts';
import { TaskError } from './tasks/errors.ts';

/** The one line that a failure logs. */
function logged(code: 'internal' | 'supabase_unavailable', error: unknown) {
  const lines: string[] = [];
  const events = createGatewayEvents();
  logGateway(
    events,
    createLogger({ name: 'test', level: 'info' }, { write: (line) => void lines.push(line) }),
  );
  events.emit('failed', { method: 'GET', route: '/tasks/:id', code, error, traceId: 'abc' });
  expect(lines).toHaveLength(1);
  return { text: lines.join(), line: JSON.parse(lines.join()) as Record<string, unknown> };
}

test('a failure of Supabase is logged with its code, status and trace', () => {
  const cause = { name: 'PostgREST', code: 'PGRST000', status: 503, message: 'what a user wrote' };
  const { text, line } = logged('supabase_unavailable', new TaskError('supabase_unavailable', { cause }));
  expect(line).toMatchObject({
    level: 'warn',
    code: 'supabase_unavailable',
    trace_id: 'abc',
    causes: [{ name: 'TaskError' }, { name: 'PostgREST', code: 'PGRST000', status: 503 }],
  });
  expect(text).not.toContain('what a user wrote');
});

test('an error of ours is logged with where it came from, and without its message', () => {
  const { text, line } = logged('internal', new TypeError('what a user wrote\n    at what a user wrote'));
  expect(line).toMatchObject({ level: 'error', causes: [{ name: 'TypeError' }] });
  expect(line['at']).toContainEqual(expect.stringContaining('events.test.ts'));
  expect(text).not.toContain('what a user wrote');
});

test('an error whose message changed after its stack was made is logged without the stack', () => {
  const error = new Error('first\nwhat a user wrote');
  expect(error.stack).toContain('what a user wrote'); // made when it is first read
  error.message = 'another';
  const { text } = logged('internal', error);
  expect(text).not.toContain('what a user wrote');
});
