import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { commandWith, readRunbooks } from '../../observability/runbooks.ts';
import { closeLater } from '../stack/close-later.ts';
import { createProject, type Project } from '../stack/fixture.ts';
import { freePort } from '../stack/ports.ts';
import { createRedis } from '../stack/redis.ts';
import { makeHere, runLine } from '../stack/run-line.ts';
import { startServices } from '../stack/services.ts';
import { stackFolder, stopAll } from '../stack/state.ts';
import { signIn } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let project: Project;
let folder: string;
let env: Record<string, string>;
const stack = new AsyncDisposableStack();

/** What `make up` starts and writes into `.stack/env`, in a folder whose `.stack` it is. */
beforeAll(async () => {
  const [ownProject, redis] = await Promise.all([
    closeLater(stack, createProject()),
    closeLater(stack, createRedis()),
  ]);
  project = ownProject;
  folder = mkdtempSync(join(stackFolder, 'test-runbooks-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  stack.defer(async () => void (await stopAll(folder)));
  symlinkSync(folder, join(folder, '.stack'));
  const tokenFile = join(folder, 'reconciler.token');
  writeFileSync(tokenFile, project.reconcilerToken);
  writeFileSync(join(folder, 'signing-key.json'), JSON.stringify(project.signingKey));
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
  const addresses = await startServices({ folder, ports, env: given, agent });
  env = { ...given, ...addresses, STACK_FOLDER: folder };
  const user = await signIn({ url: env['GATEWAY_URL'] ?? '', project });
  const { correlation_id } = await user.submit('One.');
  await user.untilStatus(correlation_id, 'completed');
  await waitFor('the queue to be counted', async () =>
    (await (await fetch(`${env['RECONCILER_ADMIN_URL']}/metrics`)).text()).includes(
      '\ntickwork_queue_ready_messages 0\n',
    ),
  );
});
afterAll(() => stack.disposeAsync());

/** Where Redis runs in Docker there need be no client beside it. */
const functions = `${makeHere}
PATH="\${SERVERS_PATH:+$SERVERS_PATH:}$PATH"
command -v redis-cli >/dev/null || redis-cli() { docker run --rm --network host redis:8 redis-cli "$@"; }`;
const run = (line: string) => runLine(line, { env, cwd: folder, functions });
const runbooks = readRunbooks();
const tried = new Set<string>();
function mend(alert: string, words: string, value = ''): Promise<string> {
  const command = commandWith(words, runbooks.find((one) => one.alert === alert)?.mend ?? []);
  tried.add(command);
  return run(command.replace('…', value));
}

test.each(runbooks)('$alert: each line for make up answers', async ({ makeUp }) => {
  for (const line of makeUp) {
    const answer = await run(line);
    if (line === 'make status')
      for (const service of ['api', 'reconciler', 'worker'])
        expect(answer).toMatch(new RegExp(`^${service} +up `, 'm'));
  }
});

test.each(['TickworkGatewayFails', 'TickworkRepairDoesNotPass', 'TickworkPassStopped'])(
  '%s: make supabase-verify tells of the project',
  async (alert) => {
    expect(await mend(alert, 'make supabase-verify', project.databaseUrl)).not.toBe('');
  },
);

test.each(['TickworkTokenExpires', 'TickworkTokenExpiresNow'])(
  '%s: make reconciler-token prints a token and nothing else',
  async (alert) => {
    expect(await mend(alert, 'make reconciler-token < signing-key.json')).toMatch(
      /^[\w-]+\.[\w-]+\.[\w-]+\n$/,
    );
  },
);

test('TickworkDeadLetters: one is listed, requeued and dropped', async () => {
  const broker = await connect(env['RABBITMQ_URL'] ?? '');
  const channel = await broker.createConfirmChannel();
  channel.sendToQueue('tickwork.tasks', Buffer.from('{"mandate":'));
  await channel.waitForConfirms();
  await broker.close();
  const listed = () =>
    waitFor('it to be listed', async () => /sha256:\w+/.exec(await run('make dead-letters'))?.[0]);
  const id = await listed();
  expect(await mend('TickworkDeadLetters', 'make dead-letters ACTION=requeue', id)).toContain('1 requeued');
  expect(await listed()).toBe(id);
  expect(await mend('TickworkDeadLetters', 'make dead-letters ACTION=drop', id)).toContain('1 dropped');
});

// What has kubectl in it is tried in a cluster; make up would start all again beside these.
test('each make command that mends something is tried here', () => {
  const commands = runbooks.flatMap(({ mend }) => mend).filter((command) => /^make (?!up\b)/.test(command));
  expect(commands.filter((command) => !command.includes('kubectl') && !tried.has(command))).toEqual([]);
});
