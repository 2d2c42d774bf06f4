import { runCommand } from '@tickwork/runtime/process/run-command';
import { deleteCluster } from './cluster.ts';
import { clusterName } from './names.ts';

await runCommand(async () => {
  await deleteCluster(clusterName);
  process.stdout.write(`cluster ${clusterName} is gone\n`);
});
