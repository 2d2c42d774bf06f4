import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { commandWith, readRunbooks } from '../../observability/runbooks.ts';
import { createProject, type Project } from '../stack/fixture.ts';
import { freePort } from '../stack/ports.ts';
import { createRedis } from '../stack/redis.ts';
import { runLine } from '../stack/run-line.ts';
import { startServices } from '../stack/services.ts';
import { stackFolder, stopAll } from '../stack/state.ts';
import { signIn } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let project: Project;
let redis: Awaited<ReturnType<typeof createRedis>>;
let folder: string;
let env: Record<string, string>;

/** What `make up` starts and writes into `.stack/env`, in a folder whose `.stack` it is. */
beforeAll(async () => {
  [project, redis] = await Promise.all([createProject(), createRedis()]);
  folder = mkdtempSync(join(stackFolder, 'test-runbooks-'));
  symlinkSync(folder, join(folder, '.stack'));
  const tokenFile = join(folder, 'reconciler.token');
  writeFileSync(tokenFile, project.reconcilerToken);
  const { rabbitUrl, workerRabbitUrl } = inject('services');
  const given = {
    SUPABASE_URL: project.url,
    SUPABASE_ANON_KEY: project.anonKey,
    REDIS_URL: redis.url,
    RABBITMQ_URL: rabbitUrl,
    WORKER_RABBITMQ_URL: workerRabbitUrl,
    SUPABASE_RECONCILER_TOKEN_FILE: tokenFile,
  };
  const ports = {
    GATEWAY_PORT: await freePort(),
    GATEWAY_ADMIN_PORT: await freePort(),
    RECONCILER_ADMIN_PORT: await freePort(),
    WORKER_ADMIN_PORT: await freePort(),
  };
  const agent = { name: 'demo', folder, env: {} };
  env = { ...given, ...(await startServices({ folder, ports, env: given, agent })) };
  const user = await signIn({ url: env['GATEWAY_URL'] ?? '', project });
  const { correlation_id } = await user.submit('One.');
  await user.untilStatus(correlation_id, 'completed');
  await waitFor('the queue to be counted', async () =>
    (await (await fetch(`${env['RECONCILER_ADMIN_URL']}/metrics`)).text()).includes(
      '\ntickwork_queue_ready_messages 0\n',
    ),
  );
});
afterAll(async () => {
  await stopAll(folder);
  await Promise.all([redis.close(), project.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const root = resolve(import.meta.dirname, '../..');
/** Where Redis runs in Docker there need be no client beside it. */
const functions = `make() { command make --no-print-directory -C '${root}' "$@"; }
command -v redis-cli >/dev/null || redis-cli() { docker run --rm --network host redis:8 redis-cli "$@"; }`;
const run = (line: string) => runLine(line, { env, cwd: folder, functions });
const runbooks = readRunbooks();
const mendOf = (alert: string, words: string, value: string) =>
  commandWith(words, runbooks.find((one) => one.alert === alert)?.mend ?? []).replace('…', value);

test.each(runbooks)('$alert: each line for make up answers', async ({ makeUp }) => {
  for (const line of makeUp) await run(line);
});

test('make supabase-verify, as two runbooks have it, tells of the project', async () => {
  for (const alert of ['TickworkGatewayFails', 'TickworkRepairDoesNotPass']) {
    expect(await run(mendOf(alert, 'make supabase-verify', project.databaseUrl))).not.toBe('');
  }
});

test('TickworkDeadLetters: one is listed, requeued and dropped', async () => {
  const broker = await connect(env['RABBITMQ_URL'] ?? '');
  const channel = await broker.createConfirmChannel();
  channel.sendToQueue('tickwork.tasks', Buffer.from('{"mandate":'));
  await channel.waitForConfirms();
  await broker.close();
  const listed = () =>
    waitFor('it to be listed', async () => /sha256:\w+/.exec(await run('make dead-letters'))?.[0]);
  const id = await listed();
  expect(await run(mendOf('TickworkDeadLetters', 'make dead-letters ACTION=requeue', id))).toContain(
    '1 requeued',
  );
  expect(await listed()).toBe(id);
  expect(await run(mendOf('TickworkDeadLetters', 'make dead-letters ACTION=drop', id))).toContain(
    '1 dropped',
  );
});
