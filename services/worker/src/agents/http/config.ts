import { ConfigError, loadConfig, milliseconds, url } from '@tickwork/runtime/process/config';
import { Type } from 'typebox';
import { isSecret } from './signature.ts';

const secret = () =>
  Object.assign(Type.Refine(Type.String(), isSecret), {
    rule: 'must be whsec_ and the base64 of 24 to 64 bytes',
  });

const schema = Type.Object({
  AGENT_HTTP_URL: url(['http:', 'https:']),
  AGENT_HTTP_SECRET: secret(),
  /** While a secret is replaced, requests are signed with both. */
  AGENT_HTTP_OLD_SECRET: Type.Optional(secret()),
  AGENT_HTTP_HEADERS_TIMEOUT_MS: milliseconds(30_000, { minimum: 100, maximum: 600_000 }),
  /** An empty line or a comment breaks the silence too. */
  AGENT_HTTP_SILENCE_MS: milliseconds(60_000, { minimum: 100, maximum: 3_600_000 }),
});

export interface HttpAgentConfig {
  readonly url: URL;
  /** The newest first. */
  readonly secrets: readonly string[];
  readonly headersTimeoutMs: number;
  readonly silenceMs: number;
}

/** The agent's part of the worker's environment. Throws ConfigError. */
export function loadHttpAgentConfig(env: NodeJS.ProcessEnv): HttpAgentConfig {
  const config = loadConfig(schema, env);
  const target = new URL(config.AGENT_HTTP_URL);
  if (target.username || target.password) {
    throw new ConfigError('AGENT_HTTP_URL must hold no user and no password: requests are signed');
  }
  const { AGENT_HTTP_SECRET: current, AGENT_HTTP_OLD_SECRET: old } = config;
  return {
    url: target,
    secrets: old === undefined ? [current] : [current, old],
    headersTimeoutMs: config.AGENT_HTTP_HEADERS_TIMEOUT_MS,
    silenceMs: config.AGENT_HTTP_SILENCE_MS,
  };
}
