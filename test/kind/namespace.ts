import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { type Cluster, connectCluster } from './cluster.ts';

/**
 * A namespace for all tests of a file. After a failure its objects, events and logs are kept in .stack/kind/logs; then it goes.
 * The cluster is there from the first `beforeAll` after this one on.
 */
export function useNamespace(prefix: string, labels: Readonly<Record<string, string>> = {}) {
  const namespace = `${prefix}-${randomBytes(3).toString('hex')}`;
  let connected: Cluster | null = null;
  const space = {
    namespace,
    get cluster(): Cluster {
      if (!connected) throw new Error('the cluster is used before beforeAll');
      return connected;
    },
  };
  beforeAll(async () => {
    connected = await connectCluster(inject('cluster'));
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    await connected.kubectl(['create', '-f', '-'], { input: JSON.stringify(object) });
  });
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants a pattern here
  afterAll(async ({}, suite) => {
    if (suite.tasks.some(hasFailed) || suite.result?.state === 'fail')
      await exportLogs(space.cluster, namespace);
    await space.cluster.kubectl(['delete', 'namespace', namespace, '--timeout=180s']);
  });
  return space;
}

type Item = { readonly result?: { readonly state?: string }; readonly tasks?: readonly Item[] };
const hasFailed = ({ result, tasks = [] }: Item): boolean =>
  result?.state === 'fail' || tasks.some(hasFailed);

async function exportLogs({ kubectl, folder }: Cluster, namespace: string): Promise<void> {
  const target = join(folder, 'logs', namespace);
  mkdirSync(target, { recursive: true });
  const keep = async (file: string, args: readonly string[]) =>
    writeFileSync(join(target, file), await kubectl(['--namespace', namespace, ...args]).catch(String));
  await keep('objects.txt', ['get', 'all,lease,networkpolicy', '--output', 'wide']);
  await keep('events.txt', ['get', 'events', '--sort-by', '.lastTimestamp']);
  await keep('describe.txt', ['describe', 'pods']);
  const pods = await kubectl(['--namespace', namespace, 'get', 'pods', '--output', 'name']);
  for (const pod of pods.split('\n').filter(Boolean)) {
    await keep(`${pod.replace('pod/', '')}.log`, ['logs', pod, '--all-containers', '--tail', '2000']);
  }
}
