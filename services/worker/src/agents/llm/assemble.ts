import type { Clock } from '@tickwork/runtime/process/clock';
import type { Agent } from '../agent.ts';
import { createAsk } from './ask.ts';
import { loadLlmConfig } from './config.ts';
import { createFetchPage } from './fetch-page.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createHtmlText } from './html-text.ts';
import { createInstructions } from './instructions.ts';
import { createLlmAgent } from './llm-agent.ts';
import { createModel } from './model.ts';
import type { Tool } from './tool.ts';
import { createWebSearch } from './web-search.ts';

/** The agent with all that it needs, from the worker's environment. Throws ConfigError. */
export function assembleLlmAgent(env: NodeJS.ProcessEnv, clock: Clock): Agent {
  const config = loadLlmConfig(env);
  const guardedFetch = createGuardedFetch({
    clock,
    isAllowed: config.isAllowed,
    ports: config.fetchPorts,
    maxBytes: config.FETCH_MAX_BYTES,
    timeLimitMs: config.FETCH_TIMEOUT_MS,
  });
  const htmlText = createHtmlText({ clock, timeLimitMs: 10_000 });
  const tools: Tool[] = [
    createFetchPage({ guardedFetch, htmlText, maxCharacters: config.FETCH_MAX_CHARACTERS }),
  ];
  if (config.WEB_SEARCH_URL)
    tools.push(
      createWebSearch({
        url: config.WEB_SEARCH_URL,
        apiKey: config.WEB_SEARCH_API_KEY,
        clock,
        timeLimitMs: config.FETCH_TIMEOUT_MS,
      }),
    );
  const model = createModel({
    baseUrl: config.LLM_BASE_URL,
    model: config.LLM_MODEL,
    apiKey: config.LLM_API_KEY,
    maxOutputTokens: config.LLM_MAX_OUTPUT_TOKENS,
    tools,
  });
  return createLlmAgent({
    ask: createAsk({ model, clock, timeLimitMs: config.LLM_STEP_TIMEOUT_MS }),
    tools,
    instructions: createInstructions(config.LLM_SYSTEM_PROMPT),
    maxHistoryBytes: config.LLM_MAX_HISTORY_BYTES,
  });
}
