import { createLogger } from '@tickwork/runtime/telemetry/logger';
import { expect, test } from 'vitest';
import { createTokenLog, noticeOf, type TokenState } from './token-notice.ts';

const day = 86_400_000;
const start = Date.parse('2026-11-01T00:00:00Z');
const endsAfter = (ms: number): TokenState => ({ kind: 'usable', expiresAt: (start + ms) / 1000 });

test.each<[string, TokenState, string | null]>([
  ['in 14 days and a second', endsAfter(14 * day + 1000), null],
  ['in 14 days', endsAfter(14 * day), 'warn runs out at 2026-11-15T00:00:00.000Z'],
  ['in a second', endsAfter(1000), 'warn runs out at 2026-11-01T00:00:01.000Z'],
  ['now', endsAfter(0), 'error ran out at 2026-11-01T00:00:00.000Z'],
  ['never', { kind: 'usable', expiresAt: null }, 'warn has no exp'],
])('a token that ends %s', (_name, state, said) => {
  const notice = noticeOf(state, start);
  if (said === null) return expect(notice).toBeNull();
  const [, level, words] = /^(\w+) (.*)$/.exec(said) ?? [];
  expect(notice).toMatchObject({ level, text: expect.stringContaining(words ?? '') });
  expect(notice?.text).toContain('SUPABASE_RECONCILER_TOKEN_FILE');
});

test('one that is not usable says why', () => {
  const reason = 'SUPABASE_RECONCILER_TOKEN_FILE must be a file that can be read: ENOENT';
  expect(noticeOf({ kind: 'unusable', reason }, start)).toMatchObject({ level: 'error', text: reason });
});

test('it is said once a day, and at once when it changes', () => {
  let now = start;
  const lines: string[] = [];
  const logger = createLogger(
    { name: 'test', level: 'info' },
    { write: (line) => void lines.push(JSON.parse(line).msg) },
  );
  const check = createTokenLog(logger, () => now);
  const linesAt = (ms: number, state: TokenState) => {
    now = start + ms;
    check(state);
    return lines.splice(0).length;
  };
  const first = endsAfter(16 * day);
  expect(
    [0, 2 * day - 1, 2 * day, 2 * day + 5000, 3 * day - 1, 3 * day].map((ms) => linesAt(ms, first)),
  ).toEqual([0, 0, 1, 0, 0, 1]);
  expect([16 * day - 1, 16 * day, 16 * day + 1, 17 * day].map((ms) => linesAt(ms, first))).toEqual([
    1, 1, 0, 1,
  ]);
  const replaced = endsAfter(100 * day);
  expect(linesAt(17 * day + 1, replaced)).toBe(0);
  expect(linesAt(17 * day + 2, first)).toBe(1);
});
