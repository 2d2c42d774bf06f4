import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '@tickwork/runtime/process/config';
import { createLeaseApi, type LeaseApi } from './lease.ts';

/**
 * The Lease of this name at the API server that KUBECONFIG names, else at that of the pod's own cluster, as the pod's service
 * account; its token is read again once a minute. Without `namespace`: the context's or the pod's. Throws ConfigError.
 */
export function createClusterLeaseApi(env: NodeJS.ProcessEnv, name: string, namespace?: string): LeaseApi {
  const file = env['KUBECONFIG'];
  const config = file ? loadFile(file) : loadOwnCluster(env);
  const ownNamespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim();
  const found = namespace ?? ownNamespace;
  if (!found) {
    const reason = file
      ? 'the current context of KUBECONFIG names no namespace'
      : 'the pod has no service account mounted';
    throw new ConfigError(`LEASE_NAMESPACE must be set: ${reason}`);
  }
  return createLeaseApi(config, { namespace: found, name });
}

/** Takes one file, and not a list. The client's own messages may quote it, so they stay inside. */
function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch {
    throw new ConfigError('KUBECONFIG must be one kubeconfig file that can be read');
  }
  if (!config.getCurrentCluster()) {
    throw new ConfigError('KUBECONFIG must be a kubeconfig whose current-context names a cluster');
  }
  return config;
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
