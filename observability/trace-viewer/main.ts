import { once } from 'node:events';
import { ConfigError, count, loadConfig, port, text } from '@tickwork/runtime/process/config';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { Type } from 'typebox';
import { createTraceViewer } from './server.ts';
import { createTraceStore } from './store.ts';

const schema = Type.Object({
  HOST: text({ default: '127.0.0.1' }),
  PORT: port(4318),
  MAX_MEGABYTES: count(64, { minimum: 32, maximum: 1024 }),
});

runProcess('trace-viewer', async ({ env, logger, shutdown }) => {
  const { HOST, PORT, MAX_MEGABYTES } = loadConfig(schema, env);
  const server = createTraceViewer({
    store: createTraceStore({ maxBytes: MAX_MEGABYTES * 1_000_000 }),
    host: HOST,
    onError: (err) => logger.error({ err }, 'a request failed'),
  });
  server.listen(PORT, HOST);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new ConfigError(`PORT must be a free port; something else listens on ${PORT}`);
  });
  logger.info({ address: server.address() }, 'the trace viewer listens');
  shutdown.phase('close', 1000, async () => {
    server.closeAllConnections();
    server.close();
  });
});
