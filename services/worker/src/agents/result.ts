import { AgentError } from './agent.ts';
import { toJson } from './limits.ts';

/** An agent's result as JSON text. Throws AgentError where it has not the shape of one, or is larger than the limit. */
export function encodeResult(result: unknown, limitBytes: number): string {
  const text = toJson(result, 'the result of the agent');
  assertSize(Buffer.byteLength(text), limitBytes);
  const stored: unknown = JSON.parse(text);
  const wrong = faults(stored);
  if (wrong.length > 0) throw new AgentError(`the result of the agent is wrong: ${wrong.join('; ')}`);
  assertSize(Buffer.byteLength(text) + spaces(stored), limitBytes);
  return text;
}

function assertSize(bytes: number, limitBytes: number): void {
  if (bytes > limitBytes)
    throw new AgentError(`the result of the agent has ${bytes} bytes, more than the limit of ${limitBytes}`);
}

function faults(result: unknown): string[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return ['it must be an object'];
  const { success, deliverables, notes } = result as Record<string, unknown>;
  const isTexts = Array.isArray(deliverables) && deliverables.every((item) => typeof item === 'string');
  return [
    typeof success === 'boolean' ? '' : 'success must be true or false',
    isTexts ? '' : 'deliverables must be a list of texts',
    typeof notes === 'string' ? '' : 'notes must be a text',
  ].filter(Boolean);
}

/** Postgres writes jsonb with a space after each comma and colon, and counts them in the limit of a row. */
function spaces(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: unknown[] = Object.values(value);
  const own = Math.max(0, items.length - 1) + (Array.isArray(value) ? 0 : items.length);
  return items.reduce<number>((sum, item) => sum + spaces(item), own);
}
