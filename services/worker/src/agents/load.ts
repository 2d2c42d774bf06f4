import { ConfigError } from '@tickwork/runtime/process/config';
import type { Agent } from './agent.ts';
import { createDemoAgent } from './demo.ts';

/** The agent that AGENT names. */
export function loadAgent(name: string, settings: { tickMs: number }): Agent {
  if (name === 'demo') return createDemoAgent(settings);
  throw new ConfigError('AGENT must be one of demo');
}
