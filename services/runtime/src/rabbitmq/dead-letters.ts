import type { ChannelModel, ConfirmChannel, GetMessage } from 'amqplib';
import type { Clock } from '../process/clock.ts';
import { connect } from './connect.ts';
import { type DeadLetter, describeDeadLetter } from './dead-letter.ts';
import { createPending } from './pending.ts';
import { publishedAtHeader } from './published-at.ts';
import { deadQueueOf } from './topology.ts';

export type DeadLetterAction = 'keep' | 'requeue' | 'drop';

export interface DeadLettersOptions {
  readonly url: string;
  readonly queue: string;
  /** Asked for each, oldest first. */
  readonly decide: (letter: DeadLetter) => DeadLetterAction;
  readonly clock: Pick<Clock, 'wallTime'>;
}

const confirmTimeoutMs = 10_000;
/** From RabbitMQ 4 on a queue drops what came back 20 times, and being looked at counts. */
const mostReturns = 10;

/**
 * Goes once through the dead letters that there are now. What is kept goes back to its place, after ten returns to the end. A letter leaves only after the broker has
 * confirmed it elsewhere: if this ends in between, it is there twice, and the second of a task is refused its claim.
 */
export async function visitDeadLetters(options: DeadLettersOptions): Promise<void> {
  const connection = await connect(options.url, 'tickwork-dead-letters');
  // What fails tells so itself.
  connection.on('error', () => {});
  try {
    await visit(connection, options);
  } finally {
    await connection.close().catch(() => {});
  }
}

async function visit(connection: ChannelModel, options: DeadLettersOptions): Promise<void> {
  const { queue, decide, clock } = options;
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => {});
  const dead = deadQueueOf(queue);
  const publish = createPublish(channel);
  const { messageCount } = await channel.checkQueue(dead);
  const worn: GetMessage[] = [];
  // One more than there are: an answer to a get comes after the acknowledgements before it.
  for (let position = 1; position <= messageCount + 1; position++) {
    const message = await channel.get(dead);
    if (!message || position > messageCount) break;
    const action = decide(describeDeadLetter(message, position));
    if (action === 'requeue') await publish(queue, message, newHeaders(message, clock.wallTime()));
    if (action !== 'keep') channel.ack(message);
    else if (Number(headersOf(message)['x-delivery-count'] ?? 0) >= mostReturns) worn.push(message);
  }
  for (const message of worn) {
    const { 'x-delivery-count': _count, ...headers } = headersOf(message);
    await publish(dead, message, headers);
    channel.ack(message);
  }
  // Whatever is unanswered goes back.
  await channel.close();
}

const headersOf = ({ properties }: GetMessage): Record<string, unknown> => properties.headers ?? {};

/** Without what the broker wrote when the message died, so that it tells of the next death alone; it waits from now on. */
function newHeaders(message: GetMessage, now: number): Record<string, unknown> {
  const isDeath = (name: string) => /^x-(death$|(first|last)-death-|(delivery|acquired)-count$)/.test(name);
  const kept = Object.entries(headersOf(message)).filter(([name]) => !isDeath(name));
  return { ...Object.fromEntries(kept), ...publishedAtHeader(now) };
}

/** Resolves when the broker has confirmed the copy in a queue. */
function createPublish(channel: ConfirmChannel) {
  const pending = createPending();
  let last = '';
  // One is on its way at a time, and it comes back before its confirm.
  channel.on('return', () => pending.settle(last, new Error('no queue took the message')));
  channel.on('close', () => pending.failAll(new Error('the channel closed before the broker confirmed')));

  return (
    to: string,
    { content, properties }: GetMessage,
    headers: Record<string, unknown>,
  ): Promise<void> => {
    const { id, confirmed } = pending.add('dead-letter', AbortSignal.timeout(confirmTimeoutMs));
    last = id;
    const { messageId, contentType } = properties;
    channel.publish(
      '',
      to,
      content,
      { persistent: true, mandatory: true, messageId, contentType, headers },
      (refused) => pending.settle(id, refused ? new Error('the broker refused the message') : null),
    );
    return confirmed;
  };
}
