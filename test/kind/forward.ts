import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';

/**
 * A Service at a loopback port of this machine. Each connection goes to a pod that is ready then, so it outlives pods; one
 * whose pod went is cut, as by a load balancer.
 */
export async function forward(config: KubeConfig, namespace: string, service: string, port: number) {
  const forwarder = new PortForward(config);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    forwarder.portForwardService(namespace, service, [port], socket, null, socket).then(
      (connection) => {
        const webSocket = typeof connection === 'function' ? connection() : connection;
        socket.on('close', () => webSocket?.close());
        webSocket?.addEventListener('close', () => socket.destroy());
      },
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: local } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${local}`,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
