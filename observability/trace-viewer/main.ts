import { once } from 'node:events';
import { count, loadConfig, port, text } from '@tickwork/runtime/process/config';
import { runProcess } from '@tickwork/runtime/process/run-process';
import { Type } from 'typebox';
import { createTraceViewer } from './server.ts';
import { createTraceStore } from './store.ts';

const schema = Type.Object({
  HOST: text({ default: '127.0.0.1' }),
  PORT: port(4318),
  MAX_SPANS: count(50_000, { minimum: 100, maximum: 1_000_000 }),
});

runProcess('trace-viewer', async ({ env, logger, shutdown }) => {
  const { HOST, PORT, MAX_SPANS } = loadConfig(schema, env);
  const server = createTraceViewer({
    store: createTraceStore({ maxSpans: MAX_SPANS }),
    onError: (err) => logger.error({ err }, 'a request failed'),
  });
  server.listen(PORT, HOST);
  await once(server, 'listening');
  logger.info({ address: server.address() }, 'the trace viewer listens');
  shutdown.phase('close', 1000, async () => {
    server.closeAllConnections();
    server.close();
  });
});
