import { describe, expect, test } from 'vitest';
import { type Agent, type AgentContext, AgentError, type AgentResult } from './agent.ts';
import { type CheckOptions, checkAgent } from './agent-conformance.ts';
import { createAgent as createDemo } from './demo.ts';

const result: AgentResult = { success: true, deliverables: [], notes: '' };
const options: CheckOptions = { mandate: 'One. Two. Three.', endsWithinMs: 100, stopsWithinMs: 100 };

test('the demo agent keeps every rule', async () => {
  const checks = await checkAgent(createDemo, { ...options, env: { DEMO_TICK_MS: '0' } });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.length).toBeGreaterThan(8);
});

async function against(run: Agent['run']): Promise<Record<string, string>> {
  const checks = await checkAgent(() => ({ run }), options);
  return Object.fromEntries(
    checks.flatMap(({ check, reason }) => (reason === null ? [] : [[check, reason]])),
  );
}

/** Three ticks, each with a checkpoint, from where it left off. */
async function threeTicks({ tick, checkpoint, signal, resume }: AgentContext, maxTicks: number) {
  for (let done = Number(resume?.state ?? 0); done < Math.min(3, maxTicks); ) {
    signal.throwIfAborted();
    await tick();
    done += 1;
    await checkpoint(done);
  }
  return result;
}

describe('what is found', () => {
  test('nothing where the agent keeps the rules', async () => {
    expect(await against((task, context) => threeTicks(context, task.maxTicks))).toEqual({});
  });

  test('an agent that ends in an error', async () => {
    const found = await against(() => Promise.reject(new AgentError('no model')));
    expect(found['ends with a result, within its budget of ticks']).toBe('it threw AgentError: no model');
  });

  test('a result of another shape', async () => {
    const found = await against(async () => ({ ...result, deliverables: [1] }) as unknown as AgentResult);
    expect(found['ends with a result, within its budget of ticks']).toContain('deliverables must be');
  });

  test('an agent that needs more ticks than it may have', async () => {
    const found = await against(async (_task, { tick, signal }) => {
      for (let count = 0; count < 3; count++) {
        signal.throwIfAborted();
        await tick();
      }
      return result;
    });
    expect(found).toEqual({
      'ends with a result also where it has one tick': 'it threw AgentError: the budget of 1 ticks is spent',
    });
  });

  test('an agent that heeds no signal', async () => {
    const found = await against(async (_task, { tick }) => {
      await tick();
      await new Promise((resolve) => setTimeout(resolve, 250));
      return result;
    });
    expect(found['stops soon when it is told to at a tick']).toBe(
      'it ran on for 100 ms after it was told to stop',
    );
  });

  test('an agent that begins anew at a checkpoint', async () => {
    const found = await against((task, context) =>
      threeTicks({ ...context, resume: null }, Math.min(3, task.maxTicks)),
    );
    const reason = 'from its checkpoint of tick 1: it spent 4 ticks in all, and 3 when nothing cut it off';
    expect(found).toEqual({
      'goes on from each of its checkpoints, as after a lost worker': reason,
      'goes on from where it stopped when it was told to': reason,
    });
  });

  test('a state that is no JSON', async () => {
    const found = await against(async (_task, { checkpoint }) => {
      await checkpoint(1n as unknown as number);
      return result;
    });
    expect(found['ends with a result, within its budget of ticks']).toContain('must be JSON');
  });

  test('an agent that serves one task at a time', async () => {
    let busy = 0;
    const found = await against(async () => {
      if (busy > 0) throw new Error('busy');
      busy += 1;
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
      return result;
    });
    expect(found).toEqual({ 'can be run twice for one task, also at once': 'it threw Error: busy' });
  });

  test('an agent that calls on after its end', async () => {
    const found = await against(async (_task, { tick }) => {
      setTimeout(() => tick().catch(() => {}), 5);
      return result;
    });
    expect(found).toEqual({ 'tells nothing once it has ended': 'it called tick after its end' });
  });

  test('a createAgent that throws, or gives none', async () => {
    for (const create of [() => Promise.reject(new Error('no key')), () => ({}) as Agent]) {
      const checks = await checkAgent(create, options);
      expect(checks[0]?.reason).toMatch(/^(no key|what createAgent gave has no function run)$/);
    }
  });
});
