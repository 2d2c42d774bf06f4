import { createHash } from 'node:crypto';
import { decodeEnvelope } from '@tickwork/task/envelope';

/** What is told of a dead letter: never its content, which holds a mandate. */
export interface DeadLetter {
  /** From 1, oldest first; another once one before it is gone. */
  readonly position: number;
  /** Each names it: the task's correlation_id where that can be read, the message's id, and a hash of its content. */
  readonly names: readonly string[];
  /** The broker's word: `rejected`, as no worker could read it, or `delivery_limit`, as it came back too often. */
  readonly reason: string | null;
  /** When that was, in RFC 3339, by the broker's clock. */
  readonly diedAt: string | null;
  readonly bytes: number;
  /** Why a worker can't read it; null where it can. */
  readonly problem: string | null;
}

type Headers = Readonly<Record<string, unknown>>;
interface Message {
  readonly content: Buffer;
  readonly properties: { readonly messageId?: unknown; readonly headers?: Headers | undefined };
}

export function describeDeadLetter({ content, properties }: Message, position: number): DeadLetter {
  const { messageId, headers = {} } = properties;
  const names = [correlationIdOf(content), messageId, hashOf(content)];
  const [first] = listOf(headers['x-death']);
  return {
    position,
    names: names.filter((name): name is string => typeof name === 'string' && name !== ''),
    reason: textOf(headers['x-first-death-reason']) ?? textOf(first?.['reason']),
    diedAt: timeOf(first?.['time']),
    bytes: content.length,
    problem: problemOf(content),
  };
}

function correlationIdOf(content: Buffer): string | null {
  try {
    const id: unknown = JSON.parse(content.toString()).correlation_id;
    return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

const hashOf = (content: Buffer) =>
  `sha256:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;

function problemOf(content: Buffer): string | null {
  try {
    decodeEnvelope(content);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable';
  }
}

/** Newest death first. Anybody may publish headers of any shape. */
function listOf(deaths: unknown): Record<string, unknown>[] {
  return Array.isArray(deaths) ? deaths.filter((one) => typeof one === 'object' && one !== null) : [];
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** An AMQP timestamp, as amqplib has it: seconds since 1970. */
function timeOf(value: unknown): string | null {
  const seconds = typeof value === 'object' && value !== null && 'value' in value ? value.value : null;
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
