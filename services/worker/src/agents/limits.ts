import { storableJson } from '@tickwork/task/storable';
import { AgentError } from './agent.ts';

/** Of a checkpoint's state, as JSON in UTF-8. */
const checkpointLimitBytes = 256 * 1024;
const notesLimit = 2000;

/** A checkpoint's state as JSON text. Throws AgentError for one that is no JSON or too large. */
export function checkpointText(state: unknown): string {
  const text = toJson(state, 'the state of a checkpoint');
  const bytes = Buffer.byteLength(text);
  if (bytes <= checkpointLimitBytes) return text;
  throw new AgentError(
    `the state of a checkpoint has ${bytes} bytes, more than the limit of ${checkpointLimitBytes}`,
  );
}

/** The notes of a tick, cut to 2,000 code points. */
export function notesText(notes: unknown): string {
  if (typeof notes !== 'string') throw new AgentError('the notes of a tick must be a text');
  // A code point has at most two units; what of a pair is cut in half lies behind the limit.
  return Array.from(notes.slice(0, 2 * notesLimit))
    .slice(0, notesLimit)
    .join('');
}

/** What a jsonb column takes. `what` names it in the AgentError for what is no JSON. */
export function toJson(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = storableJson(value);
  } catch (cause) {
    throw new AgentError(`${what} must be JSON`, { cause });
  }
  // JSON.stringify gives undefined for a function or a symbol.
  if (text === undefined) throw new AgentError(`${what} must be JSON`);
  return text;
}
