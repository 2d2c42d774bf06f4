import { runCommand } from '@tickwork/runtime/process/run-command';
import { runDemo } from '../stack/demo.ts';
import { connectCluster } from './cluster.ts';
import { accessTo } from './installation.ts';
import { clusterName, namespace } from './names.ts';

// make kind-demo: a task through the cluster's gateway, by REST.
async function demonstrate(): Promise<void> {
  const cluster = await connectCluster(clusterName);
  const secret = ['get', 'secret', 'tickwork-supabase', '--namespace', namespace];
  const key = await cluster.kubectl([...secret, '--output', 'jsonpath={.data.anon-key}']);
  const access = await accessTo(cluster, namespace, async () => Buffer.from(key, 'base64').toString());
  const { token } = await access.signIn('alice@example.com');
  await runDemo({
    gatewayUrl: access.gatewayUrl,
    token,
    print: (line) => process.stdout.write(`${line}\n`),
  });
  access.close();
}

await runCommand(demonstrate);
