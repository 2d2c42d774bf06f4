import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, tag, workerImage } from './cluster.ts';
import { command } from './command.ts';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { createUser } from './user.ts';

const space = useNamespace('agent');
const image = `tickwork/example-agent:${tag}`;
const dockerfile = `FROM ${workerImage}\nCOPY summary.ts agents/\n`;
let access: Awaited<ReturnType<Awaited<ReturnType<typeof createInstallation>>['access']>>;
let user: Awaited<ReturnType<typeof createUser>>;

/** As docs/agents.md has it: an image made from the worker's, with the example in it, and its path and variables as values. */
beforeAll(async () => {
  const { cluster, namespace } = space;
  const folder = join(root, 'examples/agents');
  await command('docker', ['build', '--tag', image, '--file', '-', folder], { input: dockerfile });
  await command('kind', ['load', 'docker-image', '--name', cluster.name, image]);
  const installation = await createInstallation(cluster, namespace);
  const worker = { image, agent: '/app/agents/summary.ts', env: { SUMMARY_WORDS: '2' } };
  await installation.release.apply(installation.values({ worker }));
  access = await installation.access();
  user = await createUser(access);
});
afterAll(() => access?.close());

test('an agent of one’s own carries a task out', async () => {
  const { correlation_id } = await user.submit('First of all read. Then you answer.');
  await user.untilRead(correlation_id, 'completed');
  expect((await user.read(correlation_id)).result?.deliverables).toEqual(['First of', 'Then you']);
});
