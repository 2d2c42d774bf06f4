import amqplib from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRabbit } from '../stack/rabbitmq.ts';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

// A broker waits half an hour for an acknowledgement, and looks once a minute. This one is set to seconds, for the whole node.
const settings = { consumer_timeout: 3000, channel_tick_interval: 1000 };

let rabbit: Awaited<ReturnType<typeof createRabbit>>;
let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  rabbit = await createRabbit(settings);
  // What a broker says again and again is told on level debug.
  tickwork = await startTickwork({ rabbit, extraEnv: { worker: { LOG_LEVEL: 'debug' } } });
  user = await signIn(tickwork);
}, 150_000);
afterAll(async () => {
  await tickwork?.close();
  await rabbit?.close();
});

const submit = (count: number, mandate: string) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { correlation_id } = await user.submit(mandate);
      return correlation_id;
    }),
  );

interface Line {
  readonly correlation_id?: string;
  readonly msg: string;
  readonly reason?: string;
}
const lines = () => {
  const whole = tickwork.log('worker').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line);
};
const linesOf = (id: string, msg: string) =>
  lines().filter((line) => line.correlation_id === id && line.msg === msg);
const refusals = (id: string) => linesOf(id, 'claim refused').map(({ reason }) => reason);

/** Whatever was delivered, its agent was called once. */
async function expectCompletedOnce(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    expect((await user.untilStatus(id, 'completed', 'error')).status).toBe('completed');
    await waitFor('the worker to have left it', () => linesOf(id, 'task left')[0]);
    expect(linesOf(id, 'task claimed')).toHaveLength(1);
    expect(linesOf(id, 'task left')).toHaveLength(1);
  }
}

async function depth(queue: string): Promise<number> {
  const connection = await amqplib.connect(rabbit.url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

const slow = { tags: ['slow'] };

test(
  '[I1] a task that takes longer than the broker waits for its acknowledgement is completed once, and others go on',
  slow,
  async () => {
    const [id = ''] = await submit(1, 'wait 12s: One. Two. Three.');
    await waitFor('the broker to have closed the channel, and its message to come again', () =>
      refusals(id).includes('taken'),
    );
    expect(lines().some(({ reason }) => /PRECONDITION_FAILED.*timed out/.test(reason ?? ''))).toBe(true);
    const others = await submit(5, 'One. Two.');
    await expectCompletedOnce(others);
    expect((await user.read(id)).status).toBe('in_progress');
    await expectCompletedOnce([id]);
    expect(await depth(tickwork.queue)).toBe(0);
    expect(await depth(`${tickwork.queue}.dead`)).toBe(0);
  },
);

test(
  '[I1] a broker that is away stops nobody: the task ends meanwhile, and its message is dropped when it comes again',
  slow,
  async () => {
    const [id = ''] = await submit(1, 'wait 2s: One. Two. Three.');
    await user.untilStatus(id, 'in_progress');
    await rabbit.stop();
    await expectCompletedOnce([id]);
    await rabbit.start();
    await waitFor('its message to be dropped', () => refusals(id).length > 0);
    expect(['ended', 'no_record']).toContain(refusals(id)[0]);
    await expectCompletedOnce([id, ...(await submit(2, 'One.'))]);
  },
);

test(
  '[I1] a broker that restarts while tasks run, wait and are submitted: each is completed once',
  slow,
  async () => {
    const before = await submit(6, 'wait 3s: One. Two. Three.');
    await waitFor('four to run', () => before.filter((id) => linesOf(id, 'task claimed')[0]).length >= 4);
    await rabbit.stop();
    const meanwhile = await submit(2, 'One.');
    await rabbit.start();
    const after = await submit(2, 'One.');
    await expectCompletedOnce([...before, ...meanwhile, ...after]);
    await waitFor('an empty queue', async () => (await depth(tickwork.queue)) === 0);
    expect(await depth(`${tickwork.queue}.dead`)).toBe(0);
  },
);
