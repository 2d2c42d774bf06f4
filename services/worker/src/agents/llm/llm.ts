import { createClock } from '@tickwork/runtime/process/clock';
import type { CreateAgent } from '../agent.ts';
import { assembleLlmAgent } from './assemble.ts';

/** An agentic loop over an OpenAI-compatible endpoint; docs/llm-agent.md tells its settings. */
export const createAgent: CreateAgent = ({ env }) => assembleLlmAgent(env, createClock());
