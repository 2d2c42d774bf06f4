import { setTimeout as delay } from 'node:timers/promises';
import amqplib, { type ChannelModel } from 'amqplib';

export interface KeptChannel {
  /** Resolves when the channel has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

export interface ChannelKeeperOptions {
  readonly url: string;
  readonly connectionName: string;
  /** Opens a channel on a new connection and uses it. */
  readonly open: (connection: ChannelModel) => Promise<KeptChannel>;
  readonly onError: (error: unknown) => void;
  /** A broker that Tickwork can't work with. */
  readonly onUnsupported: (error: Error) => void;
}

/**
 * Keeps one connection with one channel: whichever ends, both are made again after a jittered wait. A channel can close alone
 * (consumer timeout, precondition) on a connection that lives; amqplib's own recovery would not see that.
 */
export function keepChannel(options: ChannelKeeperOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const running = run(options, closing.signal);
  return {
    close: () => {
      closing.abort();
      return running;
    },
  };
}

async function run(options: ChannelKeeperOptions, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      await once(options, signal);
      failures = 0;
    } catch (error) {
      options.onError(error);
    }
    const longest = Math.min(5000, 100 * 2 ** Math.min(failures++, 10));
    await delay(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  }
}

async function once(
  { url, connectionName, open, onError, onUnsupported }: ChannelKeeperOptions,
  signal: AbortSignal,
) {
  // Without noDelay every confirm waits 40 ms for Nagle's algorithm.
  const connection = await amqplib.connect(withHeartbeat(url), {
    noDelay: true,
    timeout: 5000,
    clientProperties: { connection_name: connectionName },
  });
  const lost = new Promise<void>((resolve) => {
    connection.on('close', () => resolve());
  });
  connection.on('error', onError);
  const stop = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    requireVersion(connection, onUnsupported);
    const { ended } = await open(connection);
    if (!signal.aborted) await Promise.race([ended, lost, stop]);
  } finally {
    await connection.close().catch(() => {});
  }
}

function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', '10');
  return address.href;
}

/** Quorum queues dead-letter at least once from 3.10 on. */
function requireVersion(connection: ChannelModel, onUnsupported: (error: Error) => void): void {
  const { version } = connection.connection.serverProperties;
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 10)) {
    onUnsupported(new Error(`RABBITMQ_URL is RabbitMQ ${version}; Tickwork needs 3.10 or newer`));
  }
}
