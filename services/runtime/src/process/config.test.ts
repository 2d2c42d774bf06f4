import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { ConfigError, count, flag, keyPrefix, loadConfig, logLevel, port, text, url } from './config.ts';

const schema = Type.Object({
  REDIS_URL: url(['redis:', 'rediss:']),
  PORT: port(8080),
  TRIES: count(3, { minimum: 1, maximum: 9 }),
  LOG_LEVEL: logLevel(),
  QUEUE: text({ default: 'tasks' }),
  REDIS_KEY_PREFIX: keyPrefix(),
  OPEN: flag(false),
});
const good = { REDIS_URL: 'redis://localhost:6379' };

test('strings become values, and what is not set its default', () => {
  const config = loadConfig(schema, { ...good, PORT: '81', LOG_LEVEL: '', OTHER: 'x', OPEN: 'true' });
  expect(config).toEqual({ ...good, PORT: 81, TRIES: 3, LOG_LEVEL: 'info', QUEUE: 'tasks', OPEN: true });
});

test.each([
  [{ REDIS_URL: 'http://x' }, 'REDIS_URL must be a URL that starts with redis:// or rediss://'],
  [{ REDIS_URL: '' }, 'REDIS_URL must be a URL'],
  [{ PORT: '65536' }, 'PORT must be an integer from 0 to 65535'],
  [{ PORT: 'many' }, 'PORT must be an integer'],
  [{ TRIES: '1.5' }, 'TRIES must be an integer from 1 to 9'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of fatal, error'],
  [{ OPEN: 'yes' }, 'OPEN must be true or false'],
  [{ REDIS_KEY_PREFIX: 'a*' }, 'REDIS_KEY_PREFIX may hold'],
])('%o names the variable and the rule', (change, message) => {
  expect(() => loadConfig(schema, { ...good, ...change })).toThrow(message);
});

test('all that is wrong is told at once, and no value', () => {
  const wrong = () => loadConfig(schema, { REDIS_URL: 'secret', PORT: 'x' });
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(/^REDIS_URL .*; PORT /);
  expect(wrong).not.toThrow('secret');
});
