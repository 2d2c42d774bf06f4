import { type Cluster, tag } from './cluster.ts';

/** Says `open`, or `closed` after two seconds without an answer. */
const connectTo = (host: string, port: number) => `
  const socket = require('node:net').connect(${port}, '${host}');
  const end = (word) => { console.log(word); process.exit(0); };
  socket.on('connect', () => end('open')).on('error', () => end('closed'));
  socket.setTimeout(2000, () => end('closed'));`;

/** Whether a pod can open a connection: `open` or `closed`. */
export function createConnect({ kubectl }: Cluster, namespace: string) {
  return async (pod: string, host: string, port: number): Promise<string> =>
    (
      await kubectl(['--namespace', namespace, 'exec', pod, '--', 'node', '-e', connectTo(host, port)])
    ).trim();
}

/** Pods that do nothing, each labelled `app` with its name. */
export async function runBystanders(
  { kubectl }: Cluster,
  namespace: string,
  apps: readonly string[],
): Promise<void> {
  const here = ['--namespace', namespace];
  await kubectl([...here, 'create', '-f', '-'], {
    input: apps.map((app) => JSON.stringify(podOf(app))).join('\n---\n'),
  });
  const pods = apps.map((app) => `pod/${app}`);
  await kubectl([...here, 'wait', '--for=condition=Ready', ...pods, '--timeout=90s']);
}

const podOf = (app: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: app, labels: { app } },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: app,
        image: `tickwork/gateway:${tag}`,
        args: ['-e', 'setInterval(() => {}, 1e6)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

/** Whether this cluster's network heeds policies at all: a pod that may reach nothing is put to the test. */
export async function enforcesPolicies(cluster: Cluster, namespace: string, muted: string): Promise<boolean> {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: muted },
    spec: { podSelector: { matchLabels: { app: muted } }, policyTypes: ['Egress'] },
  };
  await cluster.kubectl(['--namespace', namespace, 'create', '-f', '-'], { input: JSON.stringify(policy) });
  const connect = createConnect(cluster, namespace);
  return (await connect(muted, 'redis', 6379)) === 'closed';
}
