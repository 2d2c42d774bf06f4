import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentContext } from '../agent.ts';
import { agentAt, createContext, oldSecret, secret, task } from './http.harness.ts';

const script = fileURLToPath(new URL('../../../../../examples/python-agent/agent.py', import.meta.url));

/** The example as a process of its own, on a free port. */
async function startExample(): Promise<string> {
  const env = { PATH: process.env['PATH'], AGENT_HTTP_SECRET: secret, PORT: '0' };
  const child = spawn('python3', [script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return `http://127.0.0.1:${/listening on port (\d+)/.exec(line)?.[1]}/`;
}

async function run(url: string, context: AgentContext, env: NodeJS.ProcessEnv = {}) {
  const agent = await agentAt(url, env);
  return agent.run({ ...task, mandate: 'one two ünf four' }, context);
}

test('the Python example does a task, goes on from a checkpoint, and takes only what is signed', async () => {
  const url = await startExample();
  const first = createContext();
  expect(await run(url, first.context)).toEqual({
    success: true,
    deliverables: ['ONE TWO ÜNF'],
    notes: 'All is shouted.',
  });
  expect(first.ticks).toEqual(['1 words shouted', '2 words shouted', '3 words shouted']);
  expect(first.checkpoints).toEqual([['ONE'], ['ONE', 'TWO'], ['ONE', 'TWO', 'ÜNF']]);

  const again = createContext({ resume: { state: first.checkpoints[1] ?? null, tick: 2 } });
  expect(await run(url, again.context)).toMatchObject({ deliverables: ['ONE TWO ÜNF'] });
  expect(again.ticks).toEqual(['3 words shouted']);

  const rotated = { AGENT_HTTP_SECRET: oldSecret, AGENT_HTTP_OLD_SECRET: secret };
  expect(await run(url, createContext().context, rotated)).toMatchObject({ success: true });
  await expect(run(url, createContext().context, { AGENT_HTTP_SECRET: oldSecret })).rejects.toMatchObject({
    name: 'AgentError',
    message: 'the agent service answered with status 401',
  });
});
