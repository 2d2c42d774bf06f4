import { setTimeout as delay } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { connect } from './connect.ts';

const openTimeoutMs = 10_000;
const closeTimeoutMs = 2000;
const longestWaitMs = 5000;

interface KeptChannel {
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

export interface ChannelKeeper {
  /** For how long the broker has taken connections, without one that failed or was lost; 0 while it is away. */
  reachableMs(): number;
  /** Takes 2 s at most, whatever the broker does. */
  close(): Promise<void>;
}

/**
 * Keeps one connection with one channel: whichever ends, both are made again after a jittered wait. A channel can close alone
 * (consumer timeout, precondition) on a connection that lives; amqplib's own recovery would not see that.
 */
export function keepChannel(options: ChannelKeeperOptions): ChannelKeeper {
  const closing = new AbortController();
  const closed = new Promise<void>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let reachableSince: number | null = null;

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        await once();
        failures = 0;
      } catch (error) {
        if (!closing.signal.aborted) options.onError(error);
      }
      await pause(Math.min(longestWaitMs, 100 * 2 ** Math.min(failures++, 10)), closing.signal);
    }
  }

  async function once(): Promise<void> {
    const connection = await reach();
    let closedByUs = false;
    const lost = new Promise<void>((resolve) => {
      connection.on('close', () => {
        if (!closedByUs) reachableSince = null;
        resolve();
      });
    });
    connection.on('error', options.onError);
    try {
      requireVersion(connection, options.onUnsupported);
      const { ended } = await opened(options.open(connection), lost);
      await Promise.race([ended, lost, closed]);
    } finally {
      closedByUs = true;
      // A broker that hangs never answers a close; its heartbeats end the connection then.
      await Promise.race([connection.close().catch(() => {}), atMost(closeTimeoutMs)]);
    }
  }

  async function reach(): Promise<ChannelModel> {
    try {
      const connection = await connect(options.url, options.connectionName);
      reachableSince ??= performance.now();
      return connection;
    } catch (error) {
      reachableSince = null;
      throw error;
    }
  }

  const running = run();
  return {
    reachableMs: () => (reachableSince === null ? 0 : performance.now() - reachableSince),
    close: () => {
      closing.abort();
      return Promise.race([running, atMost(closeTimeoutMs)]);
    },
  };
}

/** The channel, or an error when it does not open in time or on a connection that is lost meanwhile. */
async function opened(opening: Promise<KeptChannel>, lost: Promise<void>): Promise<KeptChannel> {
  const kept = await Promise.race([opening, lost, atMost(openTimeoutMs)]);
  if (kept) return kept;
  opening.catch(() => {});
  throw new Error('RabbitMQ did not open the channel');
}

/** Quorum queues dead-letter at least once from 3.10 on. */
function requireVersion(connection: ChannelModel, onUnsupported: (error: Error) => void): void {
  const { version } = connection.connection.serverProperties;
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 10)) return;
  const error = new Error(`RABBITMQ_URL is RabbitMQ ${version}; Tickwork needs 3.10 or newer`);
  onUnsupported(error);
  throw error;
}

/** Between half of it and all, or until `signal`. */
async function pause(longestMs: number, signal: AbortSignal): Promise<void> {
  await delay(longestMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
}

const atMost = (ms: number): Promise<void> => delay(ms, undefined, { ref: false });
