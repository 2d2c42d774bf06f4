import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';

type Tickwork = Awaited<ReturnType<typeof startTickwork>>;
let tickwork: Tickwork;
let user: Awaited<ReturnType<typeof signIn>>;
const start = async (options: Parameters<typeof startTickwork>[0] = {}) => {
  tickwork = await startTickwork(options);
  user = await signIn(tickwork.url);
};

describe('a task still ends when', () => {
  beforeEach(() => start());
  afterEach(() => tickwork.close());

  test('Redis was stopped during its submit', async () => {
    await tickwork.redis.stop();
    const { correlation_id } = await user.submit('One. Two.');
    await tickwork.redis.start();
    expect((await user.untilStatus(correlation_id, 'completed', 'error')).status).toBe('completed');
  });

  test('its worker was killed mid-task', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.kill('worker');
    await tickwork.start('worker');
    expect((await user.untilStatus(correlation_id, 'completed', 'error')).status).toBe('completed');
  });

  test('Redis was flushed mid-task', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.redis.flush();
    expect((await user.untilStatus(correlation_id, 'completed', 'error')).status).toBe('completed');
  });

  test('Redis was restarted without its data', async () => {
    const { correlation_id } = await user.submit('wait 4s: One. Two. Three. Four.');
    await user.untilStatus(correlation_id, 'in_progress');
    await tickwork.redis.flush();
    await tickwork.redis.stop();
    await tickwork.redis.start();
    expect((await user.untilStatus(correlation_id, 'completed', 'error')).status).toBe('completed');
  });

  test('nobody dispatched it: a row alone, as when the gateway is killed after the insert', async () => {
    const { data } = await user.supabase.auth.getUser(user.token);
    const { correlation_id } = await user.submit('fail: only to know that the queue works');
    await user.untilStatus(correlation_id, 'error');
    const id = '01939a3c-0000-7000-8000-'.concat(Math.random().toString(16).slice(2, 14).padEnd(12, '0'));
    const row = { correlation_id: id, user_id: data.user?.id, mandate: 'One. Two.' };
    const { error } = await user.supabase.from('tasks').insert(row);
    expect(error).toBeNull();
    expect((await user.untilStatus(id, 'completed', 'error')).status).toBe('completed');
  });
});

describe('with RabbitMQ out of reach', () => {
  beforeAll(() => start({ rabbitUrl: 'amqp://nobody:nobody@127.0.0.1:9' }));
  afterAll(() => tickwork.close());

  test('a submit is taken, and with Redis dead too it is answered within half a second', async () => {
    const task = await user.submit('One.');
    expect((await user.read(task.correlation_id)).status).toBe('pending');
    await tickwork.redis.stop();
    const started = performance.now();
    const second = await user.submit('Two.');
    expect(performance.now() - started).toBeLessThan(500);
    const list = (await (await user.call('/tasks')).json()) as { tasks: { id: string }[] };
    expect(list.tasks.map(({ id }) => id)).toEqual([second.id, task.id]);
  });
});
