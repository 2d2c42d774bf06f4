import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import amqplib from 'amqplib';
import { freePort } from './ports.ts';
import { ensure } from './processes.ts';
import { runsInDocker, serverCommand } from './server-command.ts';
import { stackFolder, stop } from './state.ts';

const program = 'rabbitmq-server';

const permission = (user: string, configure: string, write: string) => ({
  user,
  vhost: '/',
  configure,
  write,
  read: '.*',
});
const definitions = {
  vhosts: [{ name: '/' }],
  users: [
    { name: 'gateway', password: 'gateway', tags: [] },
    { name: 'worker', password: 'worker', tags: [] },
  ],
  // The worker's user may only read.
  permissions: [permission('gateway', '.*', '.*'), permission('worker', '^$', '^$')],
};

export interface RabbitOptions {
  readonly folder: string;
  readonly port: number;
  readonly epmdPort?: number;
  readonly distributionPort?: number;
  /** Settings of the node's application `rabbit`: milliseconds, as consumer_timeout. */
  readonly settings?: Readonly<Record<string, number>>;
}

/** Starts a broker with everything of its own: data, cookie, node name, epmd; all on loopback. */
export async function startRabbit({ folder, port, ...rest }: RabbitOptions) {
  const { epmdPort = await freePort(), distributionPort = await freePort(), settings = {} } = rest;
  const contained = runsInDocker(program);
  // Two versions of a server don't share data.
  const home = join(folder, contained ? 'rabbitmq-docker' : 'rabbitmq');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'definitions.json'), JSON.stringify(definitions));
  writeFileSync(
    join(home, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${port}\nload_definitions = ${join(home, 'definitions.json')}\nloopback_users = none\n`,
  );
  const terms = Object.entries(settings).map(([name, value]) => `{${name}, ${value}}`);
  writeFileSync(
    join(home, 'advanced.config'),
    `[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}, {rabbit, [${terms.join(', ')}]}].\n`,
  );
  writeFileSync(join(home, 'enabled_plugins'), '[].\n');
  const url = (user: string) => `amqp://${user}:${user}@127.0.0.1:${port}`;
  // One that the server starts itself ends with its container, and else would stay.
  const epmd = contained ? null : await startEpmd(folder, epmdPort);
  const child = await ensure({
    name: 'rabbitmq',
    folder,
    address: url('gateway'),
    ports: contained ? [port, distributionPort, epmdPort] : [port, distributionPort],
    ...serverCommand({
      name: 'rabbitmq',
      folder: home,
      program,
      image: 'rabbitmq:4-management',
      arguments: [],
      env: {
        HOME: home,
        RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq'),
        RABBITMQ_CONFIG_FILES: join(home, 'none', '*.conf'),
        RABBITMQ_ADVANCED_CONFIG_FILE: join(home, 'advanced.config'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
        RABBITMQ_MNESIA_BASE: join(home, 'data'),
        RABBITMQ_LOG_BASE: join(home, 'log'),
        // The data lies under this name; the epmd is ours, so it clashes with nobody's.
        RABBITMQ_NODENAME: 'tickwork@localhost',
        // Makes the script become the server, so that its pid is the server's.
        RUNNING_UNDER_SYSTEMD: 'true',
        RABBITMQ_DIST_PORT: String(distributionPort),
        RABBITMQ_CONF_ENV_FILE: join(home, 'none'),
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: String(epmdPort),
      },
    }),
    cwd: home,
    answers: () => connects(url('gateway')),
    timeoutMs: 90_000,
  });
  const stopBoth = async () => {
    await stop(child);
    if (epmd) await stop(epmd);
  };
  return { child, url: url('gateway'), workerUrl: url('worker'), stop: stopBoth };
}

/** Ours, so that it ends with us. */
const startEpmd = (folder: string, port: number) =>
  ensure({
    name: 'epmd',
    folder,
    address: `127.0.0.1:${port}`,
    ports: [port],
    program: 'epmd',
    arguments: ['-address', '127.0.0.1', '-port', String(port)],
    env: {},
    answers: () => listens(port),
  });

/** A broker of a test's own, which keeps its data and its port when it is stopped and started. */
export async function createRabbit(settings: RabbitOptions['settings'] = {}) {
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-rabbitmq-'));
  const options = {
    folder,
    port: await freePort(),
    epmdPort: await freePort(),
    distributionPort: await freePort(),
    settings,
  };
  let broker = await startRabbit(options);
  return {
    url: broker.url,
    workerUrl: broker.workerUrl,
    stop: () => broker.stop(),
    start: async () => {
      broker = await startRabbit(options);
    },
    close: async () => {
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function connects(url: string): Promise<boolean> {
  const connection = await amqplib.connect(url, { timeout: 2000 });
  await connection.close();
  return true;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').setTimeout(2000, () => socket.destroy(new Error('no answer')));
  return once(socket, 'connect').then(
    () => Boolean(socket.destroy()),
    () => false,
  );
}
