import {
  ConfigError,
  count,
  loadConfig,
  milliseconds,
  optional,
  text,
  url,
} from '@tickwork/runtime/process/config';
import ipaddr from 'ipaddr.js';
import { Type } from 'typebox';
import { isPublicAddress } from './public-address.ts';

const schema = Type.Object({
  /** The endpoint's base, up to and without `/chat/completions`. */
  LLM_BASE_URL: url(['http:', 'https:']),
  LLM_MODEL: text(),
  LLM_API_KEY: optional(text()),
  LLM_SYSTEM_PROMPT: optional(text()),
  LLM_STEP_TIMEOUT_MS: milliseconds(120_000, { minimum: 100, maximum: 3_600_000 }),
  /** 0: the endpoint's own limit. */
  LLM_MAX_OUTPUT_TOKENS: count(0, { minimum: 0, maximum: 1_000_000 }),
  /** What goes along to the model and into a checkpoint, which holds 256 KiB. */
  LLM_MAX_HISTORY_BYTES: count(200_000, { minimum: 10_000, maximum: 250_000 }),
  WEB_SEARCH_URL: optional(url(['http:', 'https:'])),
  WEB_SEARCH_API_KEY: optional(text()),
  FETCH_MAX_BYTES: count(2_000_000, { minimum: 1000, maximum: 20_000_000 }),
  FETCH_MAX_CHARACTERS: count(20_000, { minimum: 100, maximum: 200_000 }),
  FETCH_TIMEOUT_MS: milliseconds(15_000, { minimum: 100, maximum: 300_000 }),
  FETCH_PORTS: text({ default: '80,443', pattern: '^\\d{1,5}(,\\d{1,5})*$' }),
  FETCH_ALLOWED_CIDRS: optional(text()),
});

/** The llm agent's settings, from the worker's environment. Throws ConfigError. */
export function loadLlmConfig(env: NodeJS.ProcessEnv) {
  const config = loadConfig(schema, env);
  for (const name of ['LLM_BASE_URL', 'WEB_SEARCH_URL'] as const) {
    const { username, password } = new URL(config[name] ?? 'http://none');
    if (username || password)
      throw new ConfigError(`${name} must hold no user or password: the key has a variable of its own`);
  }
  const isExcepted = readCidrs(config.FETCH_ALLOWED_CIDRS ?? '');
  return {
    ...config,
    fetchPorts: config.FETCH_PORTS.split(',').map(Number),
    isAllowed: (address: string) => isPublicAddress(address) || isExcepted(address),
  };
}

/** Whether an address lies in one of these ranges, which the operator opened. */
function readCidrs(list: string): (address: string) => boolean {
  const cidrs = list.split(',').map((cidr) => cidr.trim());
  const wanted = cidrs.filter(Boolean);
  if (!wanted.every((cidr) => ipaddr.isValidCIDR(cidr)))
    throw new ConfigError('FETCH_ALLOWED_CIDRS must be CIDRs such as 10.1.2.0/24, by comma');
  const ranges = wanted.map((cidr) => ipaddr.parseCIDR(cidr));
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([range, bits]) => address.kind() === range.kind() && address.match([range, bits]));
  };
}
