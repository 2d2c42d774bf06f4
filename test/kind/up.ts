import { runCommand } from '@tickwork/runtime/process/run-command';
import { startCluster } from './cluster.ts';
import { createInstallation } from './installation.ts';
import { clusterName, namespace } from './names.ts';

// make kind-up: a cluster with the dependencies and a working Tickwork. Run again it brings this source tree's state onto it.
const begun = performance.now();
const tell = (line: string) =>
  process.stdout.write(`  ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

async function up(): Promise<void> {
  const cluster = await startCluster(clusterName, tell);
  const { kubectl } = cluster;
  await kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  });
  const { release, values } = await createInstallation(cluster, namespace);
  tell('PostgreSQL, PostgREST, the front server, Redis and RabbitMQ');
  await release.apply(values());
  tell('Tickwork');
  process.stdout.write(`
Cluster   export KUBECONFIG=${cluster.kubeconfig}
Pods      kubectl --namespace ${namespace} get pods
A task    make kind-demo
Remove    make kind-down
`);
}

await runCommand(up);
