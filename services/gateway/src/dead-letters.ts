import { createClock } from '@tickwork/runtime/process/clock';
import { ConfigError, loadConfig, optional, text, url } from '@tickwork/runtime/process/config';
import { runCommand } from '@tickwork/runtime/process/run-command';
import type { DeadLetter } from '@tickwork/runtime/rabbitmq/dead-letter';
import { type DeadLetterAction, visitDeadLetters } from '@tickwork/runtime/rabbitmq/dead-letters';
import { Type } from 'typebox';

const actions = ['list', 'requeue', 'drop'] as const;
const schema = Type.Object({
  RABBITMQ_URL: url(['amqp:', 'amqps:']),
  RABBITMQ_QUEUE: text({ default: 'tickwork.tasks' }),
  ACTION: Object.assign(Type.Enum([...actions], { default: 'list' }), {
    rule: `must be one of ${actions.join(', ')}`,
  }),
  ID: optional(text()),
  ALL: optional(text({ pattern: '^1$' })),
});

// A program of its own in the gateway's image: lists the dead letters, puts them back into the queue, or drops them.
await runCommand(async () => {
  const { RABBITMQ_URL, RABBITMQ_QUEUE, ACTION, ID, ALL } = loadConfig(schema, process.env);
  if (ACTION !== 'list' && Boolean(ID) === Boolean(ALL)) {
    throw new ConfigError(`ID or ALL=1 must be set to ${ACTION}, and not both`);
  }
  const found: DeadLetter[] = [];
  const decide = (letter: DeadLetter): DeadLetterAction => {
    if (ID && !letter.names.includes(ID)) return 'keep';
    found.push(letter);
    print(lineOf(letter));
    return ACTION === 'list' ? 'keep' : ACTION;
  };
  await visitDeadLetters({ url: RABBITMQ_URL, queue: RABBITMQ_QUEUE, decide, clock: createClock() });
  if (ID && found.length === 0) throw new Error(`no dead letter of ${RABBITMQ_QUEUE} has this ID`);
  const done = { list: 'dead letters', requeue: 'requeued', drop: 'dropped' }[ACTION];
  print(`${found.length} ${done}`);
});

/** Names come from whoever published: nothing of them may reach a terminal as more than text. */
function lineOf({ position, names, reason, diedAt, bytes, problem }: DeadLetter): string {
  const told = [
    `#${position}`,
    names.join(' '),
    reason ?? '-',
    diedAt ?? '-',
    `${bytes} bytes`,
    problem ?? 'readable',
  ];
  return told.map((word) => word.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)).join('  ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
