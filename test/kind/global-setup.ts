import type { TestProject } from 'vitest/node';
import { deleteCluster, startCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: string;
  }
}

/** One cluster for the suite; KEEP_CLUSTER=1 leaves it for the next run, which then starts faster. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = 'tickwork-test';
  await startCluster(name, (line) => process.stdout.write(`${line}\n`));
  project.provide('cluster', name);
  return async () => {
    if (!process.env['KEEP_CLUSTER']) await deleteCluster(name);
  };
}
