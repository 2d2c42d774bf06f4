import { afterAll, expect, test } from 'vitest';
import { createConnectionLog } from './connection-log.ts';
import { createLogger } from './logger.ts';
import { currentTraceparent, withSpan } from './trace-context.ts';
import { startTracing } from './tracing.ts';

const tracing = await startTracing({ serviceName: 'test', env: {} });
afterAll(() => tracing.shutdown());

function capture(level = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', level }, { write: (line) => void lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

test('a line has its level as a word and an ISO time', () => {
  const { logger, last } = capture();
  logger.warn({ correlation_id: 'c' }, 'told');
  expect(last()).toMatchObject({ level: 'warn', name: 'test', correlation_id: 'c', msg: 'told' });
  expect(last()['time']).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
});

test.each([
  { mandate: 'secret' },
  { task: { mandate: 'secret' } },
  { token: 'secret' },
  { result: 'secret' },
  { request: { headers: { authorization: 'secret' } } },
  { err: Object.assign(new Error('OOM'), { command: { name: 'evalsha', args: ['secret'] } }) },
])('what is secret does not come out: %o', (fields) => {
  const { logger, lines } = capture();
  logger.info(fields, 'told');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('secret');
});

test('a trace from outside goes on, in the log and to the next, also when nothing is exported', async () => {
  const { logger, last } = capture();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const next = await withSpan('x', { parent: `00-${traceId}-b7ad6b7169203331-01` }, async () => {
    logger.info('told');
    return currentTraceparent();
  });
  expect(last()).toMatchObject({ trace_id: traceId });
  expect(next).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(currentTraceparent()).toBeNull();
});

test('a trace begins here too', async () => {
  const { logger, last } = capture();
  const next = await withSpan('x', {}, async () => {
    logger.info('told');
    return currentTraceparent();
  });
  expect(next).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(next).toContain(last()['trace_id']);
});

test('a service that stays away is told once, by its reason', () => {
  const { logger, lines, last } = capture();
  const onError = createConnectionLog(logger, 'Redis');
  onError(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
  onError(new Error('again'));
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({ service: 'Redis', reason: 'ECONNREFUSED' });
});
