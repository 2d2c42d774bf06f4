import { deleteCluster } from './cluster.ts';
import { clusterName } from './names.ts';

await deleteCluster(clusterName);
