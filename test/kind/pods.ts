import { AppsV1Api, CoordinationV1Api, CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { waitFor } from '../stack/wait-for.ts';
import type { Cluster } from './cluster.ts';
import { command } from './command.ts';

const printMetrics =
  "fetch('http://127.0.0.1:9464/metrics').then(async (answer) => console.log(await answer.text()))";

export type Component = 'gateway' | 'reconciler' | 'worker';

/** What tests look at, and do to the pods of the release in one namespace. */
export function createPods({ config, kubectl, name: clusterName }: Cluster, namespace: string) {
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const leases = config.makeApiClient(CoordinationV1Api);

  /** Those that are not on their way out, newest first. */
  async function list(component: Component): Promise<V1Pod[]> {
    const labelSelector = `app.kubernetes.io/component=${component}`;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return items
      .filter(({ metadata }) => !metadata?.deletionTimestamp)
      .sort((a, b) => Number(b.metadata?.creationTimestamp) - Number(a.metadata?.creationTimestamp));
  }

  async function names(component: Component): Promise<string[]> {
    return (await list(component)).map(({ metadata }) => metadata?.name ?? '');
  }

  async function firstReady(component: Component): Promise<string> {
    const ready = await waitFor(
      `a ${component} to be ready`,
      async () => (await list(component)).find(isReady),
      {
        timeoutMs: 90_000,
      },
    );
    return ready.metadata?.name ?? '';
  }

  const exec = (pod: string, args: readonly string[]) =>
    kubectl(['--namespace', namespace, 'exec', pod, '--', ...args], { timeoutMs: 60_000 });
  const metrics = (pod: string) => exec(pod, ['node', '-e', printMetrics]);

  return {
    list,
    names,
    firstReady,
    /** What a command in the pod prints; throws when it fails. */
    exec,
    /** What Prometheus reads of the pod. */
    metrics,
    /** What each pod of a component shows of a metric without labels; null for none. */
    gauge: async (component: Component, metric: string): Promise<(number | null)[]> => {
      const texts = await Promise.all((await names(component)).map(metrics));
      return texts.map((text) => {
        const value = new RegExp(`^${metric} (.+)$`, 'm').exec(text)?.[1];
        return value === undefined ? null : Number(value);
      });
    },
    scale: async (component: Component, replicas: number) => {
      await kubectl([
        '--namespace',
        namespace,
        'scale',
        `deployment/tickwork-${component}`,
        `--replicas=${replicas}`,
      ]);
      await waitFor(
        `${replicas} of ${component}`,
        async () => {
          const { status } = await apps.readNamespacedDeployment({
            namespace,
            name: `tickwork-${component}`,
          });
          const running = await core.listNamespacedPod({
            namespace,
            labelSelector: `app.kubernetes.io/component=${component}`,
          });
          return (status?.readyReplicas ?? 0) === replicas && running.items.length === replicas;
        },
        { timeoutMs: 90_000 },
      );
    },
    restart: async (component: Component) => {
      const deployment = `deployment/tickwork-${component}`;
      await kubectl(['--namespace', namespace, 'rollout', 'restart', deployment]);
      await kubectl(['--namespace', namespace, 'rollout', 'status', deployment, '--timeout=120s']);
    },
    /** Ends a pod as a node that dies does: its process gets no signal that it could answer. */
    kill: async (pod: string) => {
      const kill = `for p in $(pgrep -f services/); do
        if tr '\\0' '\\n' < /proc/$p/environ 2>/dev/null | grep -qx "HOSTNAME=$0"; then kill -9 $p; fi
      done`;
      await command('docker', ['exec', `${clusterName}-control-plane`, 'sh', '-c', kill, pod]);
      await kubectl([
        '--namespace',
        namespace,
        'delete',
        'pod',
        pod,
        '--force',
        '--grace-period=0',
        '--wait=false',
      ]);
    },
    stop: (pod: string) => kubectl(['--namespace', namespace, 'delete', 'pod', pod, '--wait=false']),
    /** The leader's name, or null while nobody leads. */
    leader: async () => {
      const { spec } = await leases.readNamespacedLease({ namespace, name: 'tickwork-reconciler' });
      return spec?.holderIdentity || null;
    },
  };
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;
}
