import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@tickwork/runtime/process/clock';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ApiServer, startApiServer } from './api-server.harness.ts';
import { createClusterLeaseApi } from './cluster.ts';
import type { Lease } from './election.ts';
import { createLeaderEvents } from './events.ts';
import { runLeaderElection } from './leader.ts';
import { createLeaseApi, type LeaseApi } from './lease.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/apps/leases';
const never = new AbortController().signal;
/** As the API server parses it: exactly six digits. */
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let server: ApiServer;
let api: LeaseApi;
beforeEach(async () => {
  server = await startApiServer();
  api = createLeaseApi(server.config(), { namespace: 'apps', name: 'reconciler' });
});
afterEach(() => server.close());

async function readLease(): Promise<Lease> {
  const read = await api.read(never);
  if (read.kind !== 'found') throw new Error(read.kind);
  return read.lease;
}

test('reads, creates and replaces the Lease, as its service account', async () => {
  expect(await api.read(never)).toEqual({ kind: 'missing' });
  await api.create('one', 15_000, never);
  const lease = await readLease();
  expect(lease).toMatchObject({ holder: 'one', durationMs: 15_000, version: '1' });
  await api.replace(lease, 'one', 15_000, never);
  expect(server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET ${path}/reconciler`,
    `POST ${path}`,
    `GET ${path}/reconciler`,
    `PUT ${path}/reconciler`,
  ]);
  expect(new Set(server.calls.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
});

test('times have six digits; a first holder is no transition', async () => {
  await api.create('one', 15_000, never);
  expect(server.lease).toMatchObject({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'reconciler', namespace: 'apps' },
    spec: {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: expect.stringMatching(microTime),
      renewTime: expect.stringMatching(microTime),
    },
  });
});

test('a renewal keeps what others put there, and when the Lease was acquired, to the microsecond', async () => {
  server.lease = {
    metadata: { name: 'reconciler', resourceVersion: '7', labels: { team: 'x' } },
    spec: {
      holderIdentity: 'one',
      leaseDurationSeconds: 20,
      leaseTransitions: 3,
      acquireTime: '2026-01-02T03:04:05.123456Z',
      renewTime: '2026-01-02T03:04:06.123456Z',
    },
  };
  await api.replace(await readLease(), 'one', 15_000, never);
  expect(server.lease).toMatchObject({
    metadata: { resourceVersion: '8', labels: { team: 'x' } },
    spec: {
      leaseDurationSeconds: 15,
      leaseTransitions: 3,
      acquireTime: '2026-01-02T03:04:05.123456Z',
      renewTime: expect.stringMatching(microTime),
    },
  });
  expect(server.lease?.spec['renewTime']).not.toBe('2026-01-02T03:04:06.123456Z');
  await api.replace(await readLease(), 'two', 15_000, never);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 4 });
  expect(server.lease?.spec['acquireTime']).not.toBe('2026-01-02T03:04:05.123456Z');
});

test('a release empties the holder, and is no transition', async () => {
  await api.create('one', 15_000, never);
  await api.replace(await readLease(), '', 15_000, never);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 0 });
  expect((await readLease()).holder).toBe('');
});

test('409 is a conflict: another version, or a Lease that is there already', async () => {
  await api.create('one', 15_000, never);
  const lease = await readLease();
  await api.replace(lease, 'two', 15_000, never);
  expect(await api.replace(lease, 'one', 15_000, never)).toEqual({ kind: 'conflict' });
  expect(await api.create('one', 15_000, never)).toEqual({ kind: 'conflict' });
  expect(server.lease?.spec['holderIdentity']).toBe('two');
});

test.each([
  [{ status: 403, body: '{"message":"leases is forbidden"}' }, 'HTTP 403: leases is forbidden'],
  [{ status: 401, body: '{}' }, 'HTTP 401: no message'],
  [{ status: 503, body: 'away' }, 'HTTP 503: no message'],
  [{ status: 200, body: '{"kind":"Lease"}' }, 'the API server answered with a Lease without metadata'],
])('%o is a failure with a sentence', async (broken, reason) => {
  server.broken = broken;
  expect(await api.read(never)).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  expect(await api.create('one', 15_000, never)).toMatchObject({ kind: 'failed' });
});

test('a call that hangs ends with its signal; a server that is away is a failure too', async () => {
  server.broken = null;
  const reading = api.read(AbortSignal.timeout(50));
  expect(await reading).toEqual({ kind: 'failed', reason: 'The operation was aborted due to timeout' });
  await server.close();
  expect(await api.read(never)).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  server = await startApiServer();
});

test("the service account's token is read again after a minute", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lease-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'first');
  const user = `{auth-provider: {name: tokenFile, config: {tokenFile: "${tokenFile}"}}}`;
  const inPod = createLeaseApi(server.config(user), { namespace: 'apps', name: 'reconciler' });
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await inPod.read(never);
    await writeFile(tokenFile, 'second');
    vi.setSystemTime(Date.now() + 61_000);
    await inPod.read(never);
  } finally {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  }
  expect(server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second']);
});

test('outside a cluster a Lease is refused with the names of the variables', () => {
  expect(() => createClusterLeaseApi({}, { name: 'reconciler' })).toThrow(
    'LEASE_NAME must not be set outside a cluster, where there is no KUBERNETES_SERVICE_HOST, without a KUBECONFIG',
  );
});

describe('with a KUBECONFIG', () => {
  /** The Lease's settings with this file. */
  function settings(text: string) {
    const folder = mkdtempSync(join(tmpdir(), 'lease-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, text);
    return { name: 'reconciler', kubeconfig };
  }
  const inApps = (text: string) => ({ ...settings(text), namespace: 'apps' });

  test('the Lease is at the cluster that it names, also in a pod', async () => {
    const env = { KUBERNETES_SERVICE_HOST: '192.0.2.1' };
    const outside = createClusterLeaseApi(env, inApps(server.kubeconfig));
    expect(await outside.create('one', 15_000, never)).toMatchObject({ kind: 'written' });
    expect(server.lease).toMatchObject({ metadata: { name: 'reconciler', namespace: 'apps' } });
  });

  test('the namespace of its context counts where none is set', async () => {
    const lease = settings(server.kubeconfig.replace('user: test}', 'user: test, namespace: theirs}'));
    await createClusterLeaseApi({}, lease).create('one', 15_000, never);
    expect(server.lease?.metadata).toMatchObject({ namespace: 'theirs' });
  });

  const rule = 'KUBECONFIG must be a kubeconfig whose current-context names';
  test.each([
    ['is no YAML', () => '{', 'KUBECONFIG must be one kubeconfig file that can be read'],
    ['names no cluster', () => 'current-context: x', `${rule} a cluster that is in it`],
    ['has no URL', () => withServer('not a URL'), `${rule} a cluster whose server is a URL`],
    ['has no TLS', () => withServer('http://127.0.0.1', false), `${rule} a cluster whose server is a URL`],
    [
      'names no user that is there',
      () => server.kubeconfig.replace('user: test}', 'user: other}'),
      `${rule} a user that is in it`,
    ],
  ])('one that %s is refused', (_name, text, message) => {
    expect(() => createClusterLeaseApi({}, inApps(text()))).toThrow(message);
  });

  function withServer(url: string, skipVerify = true): string {
    return server.kubeconfig
      .replace(/server: "[^"]*"/, `server: "${url}"`)
      .replace(': true', `: ${skipVerify}`);
  }

  test('one that is not there, or without a namespace, is refused', () => {
    const missing = { name: 'reconciler', namespace: 'apps', kubeconfig: join(tmpdir(), 'none', 'config') };
    expect(() => createClusterLeaseApi({}, missing)).toThrow('KUBECONFIG must be one');
    expect(() => createClusterLeaseApi({}, settings(server.kubeconfig))).toThrow(
      'LEASE_NAMESPACE must be set: the current context of KUBECONFIG names no namespace',
    );
  });
});

describe('with a plugin for credentials', () => {
  const key = { namespace: 'apps', name: 'reconciler' };
  const userOf = (script: string) => {
    const args = JSON.stringify(['-e', script]);
    return `{exec: {apiVersion: client.authentication.k8s.io/v1, command: "${process.execPath}", args: ${args}}}`;
  };
  const lease = { holder: 'one', durationMs: 15_000, version: '1', object: {} };

  test.each<[string, (api: LeaseApi, signal: AbortSignal) => Promise<unknown>]>([
    ['read', (api, signal) => api.read(signal)],
    ['create', (api, signal) => api.create('one', 15_000, signal)],
    ['replace', (api, signal) => api.replace(lease, 'one', 15_000, signal)],
  ])(
    'a %s ends with its signal while it hangs, alone, and is not sent later',
    async (_name, call) => {
      const folder = mkdtempSync(join(tmpdir(), 'lease-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const gate = join(folder, 'gate');
      // Until the test opens it.
      const script = `const { existsSync } = require('node:fs');
      setInterval(() => {
        if (!existsSync(${JSON.stringify(gate)})) return;
        console.log(JSON.stringify({ status: { token: 'late' } }));
        process.exit();
      }, 10);`;
      const config = server.config(userOf(script));
      const given = vi.spyOn(config, 'applySecurityAuthentication');
      const api = createLeaseApi(config, key);
      const reason = 'The operation was aborted due to timeout';
      expect(await call(api, AbortSignal.timeout(50))).toEqual({ kind: 'failed', reason });
      const again = "the kubeconfig's user still gives no credentials for the API server";
      expect(await api.read(never)).toEqual({ kind: 'failed', reason: again });
      expect(given).toHaveBeenCalledOnce();
      writeFileSync(gate, '');
      await vi.waitFor(async () => expect(await api.read(never)).toEqual({ kind: 'missing' }), 5000);
      expect(server.calls).toMatchObject([{ method: 'GET', authorization: 'Bearer late' }]);
    },
    10_000,
  );

  test.each([
    ['fails', "console.error('secret'); process.exit(1)"],
    ['says what is no JSON', "console.log('secret')"],
  ])('what one that %s says is not told', async (_name, script) => {
    const failing = createLeaseApi(server.config(userOf(script)), key);
    const reason = "the kubeconfig's user gave no credentials for the API server";
    expect(await failing.read(never)).toEqual({ kind: 'failed', reason });
    expect(await failing.create('one', 15_000, never)).toEqual({ kind: 'failed', reason });
  });

  test('one that is not there is told', async () => {
    const user = '{exec: {apiVersion: client.authentication.k8s.io/v1, command: /none/plugin}}';
    expect(await createLeaseApi(server.config(user), key).read(never)).toEqual({
      kind: 'failed',
      reason: "the kubeconfig's user gave no credentials for the API server: ENOENT",
    });
  });
});

test('elected over HTTP: the leader hands over when it ends', async () => {
  const elect = (identity: string) => {
    const shutdown = new AbortController();
    const started = Promise.withResolvers<void>();
    const ended = runLeaderElection({
      api,
      settings: { identity, durationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 200 },
      clock: createClock(),
      events: createLeaderEvents(),
      signal: shutdown.signal,
      onStartedLeading: async ({ signal }) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    return { started: started.promise, end: () => shutdown.abort(), ended };
  };
  const first = elect('first');
  await first.started;
  const second = elect('second');
  first.end();
  await first.ended;
  await second.started;
  expect(server.lease?.spec['holderIdentity']).toBe('second');
  second.end();
  await second.ended;
  expect(server.lease?.spec['holderIdentity']).toBe('');
});
