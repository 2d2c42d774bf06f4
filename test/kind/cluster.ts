import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { type CommandOptions, command, missingPrograms } from './command.ts';

export const root = resolve(import.meta.dirname, '../..');
const built = {
  gateway: 'tickwork/gateway',
  worker: 'tickwork/worker',
  'supabase-front': 'tickwork/supabase-front',
};
export const tag = 'development';
export const workerImage = `${built.worker}:${tag}`;
/** What k8s/dependencies runs. */
const taken = ['postgres:17', 'postgrest/postgrest:v12.0.2', 'redis:8', 'rabbitmq:4-management'];

export type Cluster = Awaited<ReturnType<typeof connectCluster>>;

/** A kind cluster by its name, through a kubeconfig of its own: the user's is never touched. */
export async function connectCluster(name: string) {
  const folder = join(root, '.stack', 'kind');
  mkdirSync(folder, { recursive: true });
  const kubeconfig = join(folder, `${name}.kubeconfig`);
  const env = { KUBECONFIG: kubeconfig };
  await command('kind', ['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig]);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const run =
    (program: string) =>
    (args: readonly string[], options: CommandOptions = {}) =>
      command(program, args, { ...options, env: { ...env, ...options.env } });
  return { name, folder, kubeconfig, config, run, kubectl: run('kubectl') };
}

/** Creates the cluster unless it is there, and brings the images of this source tree onto it. */
export async function startCluster(name: string, tell: (line: string) => void): Promise<Cluster> {
  const missing = await missingPrograms(['docker', 'kind', 'kubectl', 'helm']);
  if (missing.length > 0) throw new Error(`please install ${missing.join(', ')}: a kind cluster needs them`);
  const building = buildImages().then(() => tell('images built'));
  const clusters = await command('kind', ['get', 'clusters']);
  if (!clusters.split('\n').includes(name)) {
    const image = process.env['KIND_NODE_IMAGE'];
    const config = join(root, 'k8s/kind.yaml');
    const kubeconfig = join(root, '.stack', 'kind', `${name}.kubeconfig`);
    const options = ['--name', name, '--config', config, '--kubeconfig', kubeconfig, '--wait', '3m'];
    await command('kind', ['create', 'cluster', ...options, ...(image ? ['--image', image] : [])]);
  }
  tell(`cluster ${name}`);
  await building;
  await loadImages(name);
  tell('images on the node');
  return connectCluster(name);
}

export async function deleteCluster(name: string): Promise<void> {
  await command('kind', ['delete', 'cluster', '--name', name]);
}

async function buildImages(): Promise<void> {
  for (const [target, repository] of Object.entries(built)) {
    await command('docker', ['build', '--target', target, '--tag', `${repository}:${tag}`, root], {
      timeoutMs: 900_000,
    });
  }
}

async function loadImages(name: string): Promise<void> {
  for (const image of taken) {
    await command('docker', ['image', 'inspect', image]).catch(() => command('docker', ['pull', image]));
  }
  const own = Object.values(built).map((repository) => `${repository}:${tag}`);
  await command('kind', ['load', 'docker-image', '--name', name, ...taken, ...own]);
}
