import {
  ApiException,
  CoordinationV1Api,
  type KubeConfig,
  type V1Lease,
  V1MicroTime,
} from '@kubernetes/client-node';
import type { Lease, ReadOutcome, WriteOutcome } from './election.ts';
import { createCaller } from './lease-call.ts';

/** One Lease at the API server. Nothing throws; a call ends when its signal aborts, as `failed`. */
export interface LeaseApi {
  read(signal: AbortSignal): Promise<ReadOutcome>;
  /** `conflict` if there is one by now. */
  create(holder: string, durationMs: number, signal: AbortSignal): Promise<WriteOutcome>;
  /** `conflict` unless it still has the version of `lease`. Holder '' releases it. */
  replace(lease: Lease, holder: string, durationMs: number, signal: AbortSignal): Promise<WriteOutcome>;
}

/** A role needs `create` on leases, and `get` and `update` on this one. */
export function createLeaseApi(config: KubeConfig, { namespace, name }: LeaseKey): LeaseApi {
  const api = config.makeApiClient(CoordinationV1Api);
  const call = createCaller();
  const written = (sent: Promise<V1Lease>) =>
    sent.then((object): WriteOutcome => ({ kind: 'written', lease: fromObject(object) })).catch(writeFailure);
  return {
    read: (signal) =>
      call(signal, (options) => api.readNamespacedLease({ namespace, name }, options))
        .then((object): ReadOutcome => ({ kind: 'found', lease: fromObject(object) }))
        .catch(readFailure),
    create: (holder, durationMs, signal) => {
      const body = claimed({ metadata: { name, namespace } }, holder, durationMs);
      return written(call(signal, (options) => api.createNamespacedLease({ namespace, body }, options)));
    },
    replace: (lease, holder, durationMs, signal) => {
      const body = claimed(lease.object, holder, durationMs);
      return written(
        call(signal, (options) => api.replaceNamespacedLease({ namespace, name, body }, options)),
      );
    },
  };
}

export interface LeaseKey {
  readonly namespace: string;
  readonly name: string;
}

function fromObject(object: V1Lease): Lease {
  const version = object.metadata?.resourceVersion;
  if (!version) throw new Error('the API server answered with a Lease without metadata.resourceVersion');
  return {
    holder: object.spec?.holderIdentity ?? '',
    durationMs: (object.spec?.leaseDurationSeconds ?? 0) * 1000,
    version,
    object,
  };
}

/** Only a new holder counts as a transition; the API server wants six digits of a second, which a Date has not. */
function claimed({ metadata, spec }: V1Lease, holder: string, durationMs: number): V1Lease {
  const now = new V1MicroTime();
  const isNew = holder !== '' && holder !== spec?.holderIdentity;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    ...(metadata ? { metadata } : {}),
    spec: {
      ...spec,
      holderIdentity: holder,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      renewTime: now,
      ...(isNew ? { acquireTime: now, leaseTransitions: transitions(spec) } : {}),
    },
  };
}

/** client-go begins with 0. */
function transitions(spec: V1Lease['spec']): number {
  return spec ? (spec.leaseTransitions ?? 0) + 1 : 0;
}

function readFailure(error: unknown): ReadOutcome {
  if (statusOf(error) === 404) return { kind: 'missing' };
  return { kind: 'failed', reason: reasonOf(error) };
}

/** 404: deleted since it was read. */
function writeFailure(error: unknown): WriteOutcome {
  const status = statusOf(error);
  if (status === 409 || status === 404) return { kind: 'conflict' };
  return { kind: 'failed', reason: reasonOf(error) };
}

const statusOf = (error: unknown) => (error instanceof ApiException ? error.code : null);

/** The client's own messages carry the whole answer, headers and all. */
function reasonOf(error: unknown): string {
  if (error instanceof ApiException) return `HTTP ${error.code}: ${statusMessage(error.body)}`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** `message` of the Status object that the API server answers with. */
function statusMessage(body: unknown): string {
  try {
    const { message } = JSON.parse(String(body)) as { message?: unknown };
    return typeof message === 'string' ? message.slice(0, 300) : 'no message';
  } catch {
    return 'no message';
  }
}
