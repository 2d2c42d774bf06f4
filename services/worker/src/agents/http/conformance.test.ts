import type { Json } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { checkAgent } from '../agent-conformance.ts';
import { answer, type Exchange, secret, startService } from './http.harness.ts';
import { createAgent } from './http.ts';

/** A service that works through the mandate's words, one tick each, and goes on from where it is told to. */
function work({ body }: Exchange): unknown[] {
  const { mandate, max_ticks: maxTicks, resume } = JSON.parse(body);
  const steps = mandate.split(' ').slice(0, maxTicks);
  const done: Json = resume?.state ?? 0;
  const left = steps.slice(Number(done)).flatMap((word: string, index: number) => [
    { type: 'tick', notes: word },
    { type: 'checkpoint', state: Number(done) + index + 1 },
  ]);
  return [...left, { type: 'result', success: true, deliverables: steps, notes: 'done' }];
}

test.each(['application/x-ndjson', 'text/event-stream'])(
  'over %s it is an agent like any other',
  async (type) => {
    const { url } = await startService((exchange) => answer(exchange, work(exchange), type));
    const env = { AGENT_HTTP_URL: url, AGENT_HTTP_SECRET: secret };
    const checks = await checkAgent(createAgent, { mandate: 'one two three four', env });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  },
);
