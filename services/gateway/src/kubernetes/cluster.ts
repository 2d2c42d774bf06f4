import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '@tickwork/runtime/process/config';
import { createLeaseApi, type LeaseApi } from './lease.ts';

export interface ClusterLease {
  readonly name: string;
  /** Not given: the context's or the pod's. */
  readonly namespace?: string | undefined;
  /** A kubeconfig file; not given: the pod's own cluster, as the pod's service account. */
  readonly kubeconfig?: string | undefined;
}

/** A Lease at the API server. A service account's token is read again once a minute. Throws ConfigError. */
export function createClusterLeaseApi(env: NodeJS.ProcessEnv, lease: ClusterLease): LeaseApi {
  const { name, kubeconfig } = lease;
  const config = kubeconfig ? loadFile(kubeconfig) : loadOwnCluster(env);
  const ownNamespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim();
  const namespace = lease.namespace ?? ownNamespace;
  if (!namespace) {
    const reason = kubeconfig
      ? 'the current context of KUBECONFIG names no namespace'
      : 'the pod has no service account mounted';
    throw new ConfigError(`LEASE_NAMESPACE must be set: ${reason}`);
  }
  return createLeaseApi(config, { namespace, name });
}

/** Takes one file, and not a list. The client's own messages may quote it, so they stay inside. */
function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch {
    throw new ConfigError('KUBECONFIG must be one kubeconfig file that can be read');
  }
  const wrong = wrongContext(config);
  if (wrong) throw new ConfigError(`KUBECONFIG must be a kubeconfig whose current-context names ${wrong}`);
  return config;
}

/** The client would find out at each call. It speaks HTTP only where TLS is not to be verified anyway. */
function wrongContext(config: KubeConfig): string | null {
  const cluster = config.getCurrentCluster();
  if (!cluster) return 'a cluster that is in it';
  const protocol = URL.parse(cluster.server)?.protocol;
  if (protocol !== 'https:' && !(protocol === 'http:' && cluster.skipTLSVerify)) {
    return 'a cluster whose server is a URL that starts with https://';
  }
  return config.getCurrentUser() ? null : 'a user that is in it';
}

function loadOwnCluster(env: NodeJS.ProcessEnv): KubeConfig {
  if (!env['KUBERNETES_SERVICE_HOST']) {
    throw new ConfigError(
      'LEASE_NAME must not be set outside a cluster, where there is no KUBERNETES_SERVICE_HOST, without a KUBECONFIG',
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}
