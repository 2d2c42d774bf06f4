import { randomUUID } from 'node:crypto';
import amqplib from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createRabbit } from '../stack/rabbitmq.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

type Tickwork = Awaited<ReturnType<typeof startTickwork>>;
let tickwork: Tickwork;
let user: Awaited<ReturnType<typeof signIn>>;
const start = async (options: Parameters<typeof startTickwork>[0] = {}) => {
  tickwork = await startTickwork(options);
  user = await signIn(tickwork);
};
const expectCompleted = async (id: string) =>
  expect((await user.untilStatus(id, 'completed', 'error')).status).toBe('completed');

describe('a task still ends when', () => {
  beforeEach(() => start());
  afterEach(() => tickwork.close());

  test('Redis was stopped during its submit', async () => {
    await tickwork.redis.stop();
    const { correlation_id } = await user.submit('One. Two.');
    await tickwork.redis.start();
    await expectCompleted(correlation_id);
  });

  test('its worker was killed mid-task', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.kill('worker');
    await tickwork.start('worker');
    await expectCompleted(correlation_id);
  });

  test('Redis was flushed mid-task', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.redis.flush();
    await expectCompleted(correlation_id);
  });

  test('Redis was restarted without its data', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.redis.flush();
    await tickwork.redis.stop();
    await tickwork.redis.start();
    await expectCompleted(correlation_id);
  });

  test('it is a row alone, without a record or a message', async () => {
    const { data } = await user.supabase.auth.getUser(user.token);
    const id = randomUUID();
    const row = { correlation_id: id, user_id: data.user?.id, mandate: 'One. Two.' };
    expect((await user.supabase.from('tasks').insert(row)).error).toBeNull();
    await expectCompleted(id);
  });

  test('a message that nobody can read came before it', async () => {
    const connection = await amqplib.connect(inject('services').rabbitUrl);
    const channel = await connection.createConfirmChannel();
    channel.sendToQueue(tickwork.queue, Buffer.from('{"mandate":'));
    await channel.waitForConfirms();
    const { correlation_id } = await user.submit('One.');
    await expectCompleted(correlation_id);
    const { messageCount } = await channel.checkQueue(`${tickwork.queue}.dead`);
    expect(messageCount).toBe(1);
    const counted = /^tickwork_dead_letters 1$/m;
    await waitFor('the gauge', async () => counted.test(await tickwork.metrics('reconciler')));
    const { backlog } = (await (await fetch(`${tickwork.url}/health`)).json()) as { backlog: object };
    expect(backlog).toMatchObject({ dead_letters: 1 });
    await connection.close();
  });
});

describe('with Redis hanging at its dispatch', () => {
  beforeEach(() => start({ extraEnv: { api: { DISPATCH_BUDGET_MS: '10000' } } }));
  afterEach(() => tickwork.close());

  /** A submit whose row is there, and whose dispatch is not. */
  async function submitHanging() {
    await tickwork.redis.pause();
    const answer = user.post({ mandate: 'One. Two.' }).catch(() => null);
    const row = await waitFor('the row', async () => {
      const { data } = await user.supabase.from('tasks').select();
      return data?.[0] as TaskJson | undefined;
    });
    return { answer, id: row.correlation_id };
  }

  test('a task of a gateway that was killed ends all the same', async () => {
    const { answer, id } = await submitHanging();
    await tickwork.kill('api');
    expect(await answer).toBeNull();
    tickwork.redis.resume();
    await tickwork.start('api');
    await expectCompleted(id);
  });

  test('a gateway that shuts down answers the submit first', async () => {
    const { answer, id } = await submitHanging();
    const ended = tickwork.kill('api', 'SIGTERM');
    await waitFor('the gateway to take no more', async () =>
      fetch(tickwork.url).then(
        () => false,
        () => true,
      ),
    );
    tickwork.redis.resume();
    expect((await answer)?.status).toBe(202);
    await ended;
    await tickwork.start('api');
    await expectCompleted(id);
  });
});

describe('with a RabbitMQ that stops', () => {
  let rabbit: Awaited<ReturnType<typeof createRabbit>>;
  beforeAll(async () => {
    rabbit = await createRabbit();
    await start({ rabbit });
  }, 150_000);
  afterAll(async () => {
    await tickwork.close();
    await rabbit.close();
  });
  const list = async () => (await (await user.call('/tasks')).json()) as { tasks: TaskJson[] };

  test('a task submitted meanwhile ends once it is back', async () => {
    await rabbit.stop();
    const { correlation_id } = await user.submit('One. Two.');
    expect((await user.read(correlation_id)).status).toBe('pending');
    await rabbit.start();
    await expectCompleted(correlation_id);
  }, 150_000);

  test('and Redis too: the list is the same, and a submit is answered within half a second', async () => {
    const before = await list();
    expect(before.tasks).toHaveLength(1);
    await rabbit.stop();
    await tickwork.redis.stop();
    expect(await list()).toEqual(before);
    const started = performance.now();
    const task = await user.submit('Later.');
    expect(performance.now() - started).toBeLessThan(500);
    expect(await list()).toEqual({ ...before, tasks: [task, ...before.tasks] });
  });
});
