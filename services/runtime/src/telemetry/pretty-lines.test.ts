import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { type Output, prettyLines } from './pretty-lines.ts';

function capture(isTTY: boolean) {
  const texts: string[] = [];
  const output: Output = { isTTY, write: (text) => texts.push(text) };
  return { output, texts };
}

test('a terminal gets a line that a person reads, before the call returns', () => {
  const { output, texts } = capture(true);
  const logger = createLogger({ name: 'worker', level: 'info' }, prettyLines(output));
  logger.warn({ correlation_id: 'c', mandate: 'secret' }, 'task claimed');
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(/WARN.*worker.*task claimed.*correlation_id.*c.*\n$/);
  expect(texts[0]).not.toMatch(/^\{|secret|hostname/);
});

test('what is no terminal gets JSON, as does one without the package', () => {
  expect(prettyLines(capture(false).output)).toBeUndefined();
  const missing = () => {
    throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  };
  expect(prettyLines(capture(true).output, missing)).toBeUndefined();
  const broken = () => {
    throw new Error('broken');
  };
  expect(() => prettyLines(capture(true).output, broken)).toThrow('broken');
});
