import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { choosePorts, freePort, readPorts } from './ports.ts';
import { temporaryFolder } from './temporary-folder.ts';

const newFile = () => join(temporaryFolder(), 'ports.json');
const choose = (env: NodeJS.ProcessEnv, file = newFile(), ours = new Set<number>()) =>
  choosePorts({ parts: ['redis', 'tickwork'], env, file, ours });

async function listen() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test.each(['abc', '0', '70000', '1.5', '-1'])('GATEWAY_PORT=%s is refused by name and rule', (value) => {
  expect(() => readPorts(['GATEWAY_PORT'], { GATEWAY_PORT: value })).toThrow(
    'GATEWAY_PORT must be an integer from 1 to 65535',
  );
});

test('one port for two is refused', () => {
  const env = { REDIS_PORT: '4000', GATEWAY_PORT: '4000' };
  expect(() => readPorts(['REDIS_PORT', 'GATEWAY_PORT'], env)).toThrow('REDIS_PORT and GATEWAY_PORT');
});

test('a set port that another program has is refused; one that is ours is not', async () => {
  const { port, close } = await listen();
  const file = newFile();
  await expect(choose({ GATEWAY_PORT: String(port) }, file)).rejects.toThrow(
    'GATEWAY_PORT must be a free port',
  );
  close();
  await choose({ GATEWAY_PORT: String(port) }, file);
  const again = createServer().listen(port, '127.0.0.1');
  await once(again, 'listening');
  const { GATEWAY_PORT } = await choose({ GATEWAY_PORT: String(port) }, file, new Set([port]));
  expect(GATEWAY_PORT).toBe(port);
  await expect(choose({ REDIS_PORT: String(port) }, file, new Set([port]))).rejects.toThrow('REDIS_PORT');
  again.close();
});

test('the ports of the last run come back, unless another program has one or one is set to it', async () => {
  const file = newFile();
  const first = await choose({}, file);
  expect(await choose({}, file)).toEqual(first);
  const moved = await choose({ REDIS_PORT: String(first.GATEWAY_PORT) }, file);
  expect(moved.REDIS_PORT).toBe(first.GATEWAY_PORT);
  expect(moved.GATEWAY_PORT).not.toBe(first.GATEWAY_PORT);
  const other = createServer().listen(moved.WORKER_ADMIN_PORT, '127.0.0.1');
  await once(other, 'listening');
  const last = await choose({}, file);
  expect(last).toEqual({ ...moved, WORKER_ADMIN_PORT: expect.any(Number) });
  expect(last.WORKER_ADMIN_PORT).not.toBe(moved.WORKER_ADMIN_PORT);
  other.close();
});

test('no port is given twice', async () => {
  // One after the other: so many that chance alone would give some twice.
  const ports = new Set<number>();
  for (let count = 0; count < 1000; count++) ports.add(await freePort());
  expect(ports.size).toBe(1000);
});
