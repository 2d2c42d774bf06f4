import { checkAgent } from '@tickwork/worker/agent-conformance';
import { expect, test } from 'vitest';
import { createAgent } from './summary.ts';

const mandate = 'Read all the letters. Answer the first of them. File what is left.';

test.each(await checkAgent(createAgent, { mandate }))('$check', ({ reason }) => {
  expect(reason).toBeNull();
});
