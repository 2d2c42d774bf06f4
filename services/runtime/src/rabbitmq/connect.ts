import amqplib, { type ChannelModel } from 'amqplib';

const connectTimeoutMs = 5000;

/** A connection whose heartbeats end it when the broker hangs. */
export function connect(url: string, connectionName: string): Promise<ChannelModel> {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', '10');
  // Without noDelay every confirm waits 40 ms for Nagle's algorithm.
  return amqplib.connect(address.href, {
    noDelay: true,
    timeout: connectTimeoutMs,
    clientProperties: { connection_name: connectionName },
  });
}
