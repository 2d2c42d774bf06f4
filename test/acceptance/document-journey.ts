import amqplib from 'amqplib';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { createProject } from '../stack/fixture.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { recordSupabase } from './recorded-supabase.ts';

/**
 * One task on its way, seen from every side: by its user, in Supabase, in Redis, in RabbitMQ, and on the wire from the gateway
 * to Supabase. No reconciler runs, so whatever reaches Supabase came with a request; the worker starts after the submit.
 */
export async function travel() {
  const project = await createProject();
  const wire = await recordSupabase(project.url);
  const tickwork = await startTickwork({ project, services: ['api'], extraEnv: { api: wire.env } });
  const redis = new Redis(tickwork.redis.url);
  redis.on('error', () => {}); // it is stopped on the way
  const user = await signIn(tickwork);
  const rowOf = async (id: string) =>
    (await user.supabase.from('tasks').select().eq('correlation_id', id)).data?.[0] as TaskJson & {
      user_id: string;
    };
  const recordOf = (id: string) => redis.hgetall(`task:${id}`);

  const submitted = await user.submit('One. Two. Three.');
  const id = submitted.correlation_id;
  const atSubmit = { row: await rowOf(id), record: await recordOf(id) };
  const queued = await takeMessage(tickwork.queue);

  const statuses = await listenForStatuses(tickwork.redis.url);
  await tickwork.start('worker');
  const record = await waitFor('the worker to end the task in Redis', async () => {
    const found = await recordOf(id);
    return found['status'] === 'completed' ? found : null;
  });
  const unread = await rowOf(id);
  const callsOfWorker = wire.calls.splice(0);
  const read = await user.read(id);
  const callsOfRead = wire.calls.splice(0);
  const row = await rowOf(id);

  return {
    tickwork,
    user,
    redis,
    rowOf,
    submitted,
    atSubmit,
    queued,
    statuses,
    record,
    unread,
    callsOfSubmit: callsOfWorker,
    callsOfRead,
    calls: wire.calls,
    read,
    row,
    close: async () => {
      redis.disconnect();
      statuses.close();
      await tickwork.close();
      await wire.close();
    },
  };
}

export type Journey = Awaited<ReturnType<typeof travel>>;

/** The queue's first message, which goes back to it. */
async function takeMessage(queue: string): Promise<Record<string, unknown> | null> {
  const connection = await amqplib.connect(inject('services').rabbitUrl);
  const channel = await connection.createChannel();
  const message = await channel.get(queue);
  if (message) channel.nack(message);
  await channel.close();
  await connection.close();
  return message ? (JSON.parse(message.content.toString()) as Record<string, unknown>) : null;
}

/** Every status that Redis is told, in order; each report is announced as `<correlation_id> <status> <stamp>`. */
async function listenForStatuses(url: string) {
  const subscriber = new Redis(url);
  subscriber.on('error', () => {});
  const heard: { id: string; status: string }[] = [];
  subscriber.on('message', (_channel, message: string) => {
    const [id = '', status = ''] = message.split(' ');
    heard.push({ id, status });
  });
  await subscriber.subscribe('tasks:ahead');
  return {
    of: (correlationId: string) => heard.filter(({ id }) => id === correlationId).map(({ status }) => status),
    close: () => subscriber.disconnect(),
  };
}
