import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createLogger } from '@tickwork/runtime/telemetry/logger';
import type { Json } from '@tickwork/task/task';
import { onTestFinished } from 'vitest';
import { type Agent, type AgentContext, AgentError, type AgentTask, type Resume } from '../agent.ts';
import { createAgent } from './http.ts';

export const secret = `whsec_${Buffer.alloc(32, 'tickwork').toString('base64')}`;
export const oldSecret = `whsec_${Buffer.alloc(24, 'before').toString('base64')}`;
export const task: AgentTask = { correlationId: 'c-1', mandate: 'Say grüezi 🎉', maxTicks: 3 };
export const result = { type: 'result', success: true, deliverables: ['grüezi 🎉'], notes: 'said' };

export interface Exchange {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
  /** Which request this is, from 1 on. */
  readonly count: number;
}

/** A service on a free port of the loopback that answers as `script` says; `asked` is what it was sent. */
export async function startService(script: (exchange: Exchange) => unknown) {
  const asked: Exchange[] = [];
  const server = createServer(async (request, response) => {
    const exchange = { request, body: await text(request), response, count: asked.length + 1 };
    asked.push(exchange);
    await script(exchange);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}/tasks?agent=a` };
}

const log: string[] = [];
/** All that the agent has logged in this file. */
export const logged = (): string => log.join('');
const logger = createLogger({ name: 'test', level: 'trace' }, { write: (line) => void log.push(line) });

export const agentAt = (url: string, env: NodeJS.ProcessEnv = {}): Promise<Agent> | Agent =>
  createAgent({ env: { AGENT_HTTP_URL: url, AGENT_HTTP_SECRET: secret, ...env }, log: logger });

/** What a worker gives an agent, and what came of it. */
export function createContext({ resume = null as Resume | null, onTick = () => {} } = {}) {
  const abort = new AbortController();
  const ticks: (string | undefined)[] = [];
  const checkpoints: Json[] = [];
  const context: AgentContext = {
    async tick(notes) {
      abort.signal.throwIfAborted();
      if (ticks.length >= task.maxTicks)
        throw new AgentError(`the budget of ${task.maxTicks} ticks is spent`);
      ticks.push(notes);
      onTick();
    },
    async checkpoint(state) {
      checkpoints.push(state);
    },
    resume,
    signal: abort.signal,
    log: logger,
  };
  return { context, ticks, checkpoints, abort };
}

/** Runs the task once over a service with this script. */
export async function runOver(script: (exchange: Exchange) => unknown, env: NodeJS.ProcessEnv = {}) {
  const service = await startService(script);
  const agent = await agentAt(service.url, env);
  const given = createContext();
  return { ...service, ...given, outcome: agent.run(task, given.context) };
}

export const asLine = (event: unknown): string => `${JSON.stringify(event)}\n`;
export const asServerSent = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`;

/** Answers with these events and ends. */
export function answer(
  { response }: Pick<Exchange, 'response'>,
  events: readonly unknown[],
  contentType = 'application/x-ndjson',
): void {
  const asText = contentType.toLowerCase().startsWith('text/event-stream') ? asServerSent : asLine;
  response.writeHead(200, { 'content-type': contentType }).end(events.map(asText).join(''));
}
