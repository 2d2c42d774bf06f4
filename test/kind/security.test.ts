import { beforeAll, describe, expect, test } from 'vitest';
import { createConnect, enforcesPolicies, runBystanders } from './bystanders.ts';
import { createInstallation } from './installation.ts';
import { useNamespace } from './namespace.ts';
import { type Component, createPods } from './pods.ts';

const space = useNamespace('security', { 'pod-security.kubernetes.io/enforce': 'restricted' });
type Installed = Awaited<ReturnType<typeof install>>;
let installed: Installed;

/** Into a namespace that enforces Pod Security "restricted", with every policy narrowed to what is there. */
async function install() {
  const { cluster, namespace } = space;
  const installation = await createInstallation(cluster, namespace);
  const only = (app: string) => [{ podSelector: { matchLabels: { app } } }];
  const networkPolicy = {
    redis: { to: only('redis') },
    rabbitmq: { to: only('rabbitmq') },
    supabase: { to: only('supabase') },
    gateway: { from: only('client') },
    metrics: { from: only('prometheus') },
  };
  await installation.release.apply(installation.values({ networkPolicy }));
  const pods = createPods(cluster, namespace);
  const names = {
    gateway: await pods.firstReady('gateway'),
    reconciler: await pods.firstReady('reconciler'),
    worker: await pods.firstReady('worker'),
  };
  await runBystanders(cluster, namespace, ['client', 'prometheus', 'stranger', 'muted']);
  const enforced = await enforcesPolicies(cluster, namespace, 'muted');
  if (!enforced)
    process.stdout.write('THIS CLUSTER DOES NOT ENFORCE NETWORK POLICIES: what they deny is not tested\n');
  const connect = createConnect(cluster, namespace);
  const gatewayIp =
    (await pods.list('gateway')).find(({ metadata }) => metadata?.name === names.gateway)?.status?.podIP ??
    '';
  const canI = (component: Component, verb: string, resource: string) => {
    const account = `system:serviceaccount:${namespace}:tickwork-${component}`;
    const args = ['auth', 'can-i', verb, resource, '--as', account, '--namespace', namespace];
    return cluster.kubectl(args).then(
      (answer) => answer.trim() === 'yes',
      () => false,
    );
  };
  const exec = (component: Component, ...args: string[]) => pods.exec(names[component], args);
  return { names, enforced, connect, gatewayIp, canI, exec };
}

beforeAll(async () => {
  installed = await install();
});

const api = ['kubernetes.default', 443] as const;
const redis = ['redis', 6379] as const;
const rabbitmq = ['rabbitmq', 5672] as const;
const supabase = ['supabase', 8000] as const;
const postgres = ['postgres', 5432] as const;
const gateway = ['tickwork-gateway', 80] as const;

describe('network policies', () => {
  test.for([
    ['worker', 'open', redis],
    ['worker', 'open', rabbitmq],
    ['worker', 'closed', supabase],
    ['worker', 'closed', postgres],
    ['worker', 'closed', api],
    ['worker', 'closed', gateway],
    ['gateway', 'open', redis],
    ['gateway', 'open', rabbitmq],
    ['gateway', 'open', supabase],
    ['gateway', 'closed', postgres],
    ['gateway', 'closed', api],
    ['reconciler', 'open', supabase],
    ['reconciler', 'open', api],
    ['reconciler', 'closed', postgres],
    ['reconciler', 'closed', gateway],
  ] as const)('from the %s it is %s to %j', async ([component, word, [host, port]], { skip }) => {
    skip(word === 'closed' && !installed.enforced, 'policies are not enforced');
    expect(await installed.connect(installed.names[component], host, port)).toBe(word);
  });

  test.for([
    ['client', 'open', 8080],
    ['client', 'closed', 9464],
    ['prometheus', 'open', 9464],
    ['prometheus', 'closed', 8080],
    ['stranger', 'closed', 8080],
    ['stranger', 'closed', 9464],
  ] as const)('from a %s it is %s to port %d of the gateway', async ([pod, word, port], { skip }) => {
    skip(word === 'closed' && !installed.enforced, 'policies are not enforced');
    expect(await installed.connect(pod, installed.gatewayIp, port)).toBe(word);
  });
});

describe('rights in the cluster', () => {
  test.each([
    ['reconciler', true, 'get', 'leases/tickwork-reconciler'],
    ['reconciler', true, 'update', 'leases/tickwork-reconciler'],
    ['reconciler', false, 'create', 'leases'],
    ['reconciler', false, 'delete', 'leases/tickwork-reconciler'],
    ['reconciler', false, 'update', 'leases/another'],
    ['reconciler', false, 'get', 'secrets'],
    ['reconciler', false, 'list', 'pods'],
    ['gateway', false, 'get', 'leases/tickwork-reconciler'],
    ['gateway', false, 'get', 'secrets'],
    ['worker', false, 'get', 'secrets'],
    ['worker', false, 'list', 'pods'],
  ] as const)('the %s: %s for %s %s', async (component, allowed, verb, resource) => {
    expect(await installed.canI(component, verb, resource)).toBe(allowed);
  });

  test.each(['gateway', 'worker'] as const)('the %s is given no token of the cluster', async (component) => {
    await expect(installed.exec(component, 'ls', '/var/run/secrets/kubernetes.io')).rejects.toThrow(
      'No such file',
    );
  });
});

describe('what is in a pod', () => {
  test.each(['gateway', 'reconciler', 'worker'] as const)(
    'the %s is nobody, and can write nowhere',
    async (component) => {
      expect((await installed.exec(component, 'id', '-u')).trim()).toBe('1000');
      await expect(installed.exec(component, 'touch', '/app/written')).rejects.toThrow(
        'Read-only file system',
      );
    },
  );

  test('the worker holds no Supabase code, address or key', async () => {
    const found = await installed.exec('worker', 'sh', '-c', 'ls node_modules node_modules/@*; env');
    expect(found).toContain('ioredis');
    expect(found).not.toMatch(/supabase|client-node/i);
    expect((await installed.exec('worker', 'ls', 'services')).split(/\s+/).filter(Boolean)).toEqual([
      'runtime',
      'task',
      'worker',
    ]);
  });

  test('no pod holds a service-role key, and only the reconciler its token', async () => {
    for (const component of ['gateway', 'reconciler', 'worker'] as const) {
      const found = await installed.exec(component, 'sh', '-c', 'env; ls /var/run/secrets/tickwork || true');
      expect(found).not.toContain('SERVICE_ROLE');
      expect(found.includes('\ntoken\n')).toBe(component === 'reconciler');
    }
  });
});
